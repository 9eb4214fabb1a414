import NASKernelInterface

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The mean over the rows of log Σₖ e^xₖ − x_t: one logit per class, the target t is a class's number.
///
/// The largest logit is taken off before the exponentials, so that none overflows. Exponentials are the
/// kernels' (relative error 2e-7), sums and logarithms are float64.
enum CrossEntropy: Loss {
    static let name = "cross_entropy"
    static let summary = "Cross-entropy of a softmax over one logit per class (torch.nn.CrossEntropyLoss)."

    static func classCount(outputs: Int) -> Int? { outputs }
    static func targetWidth(outputs: Int) -> Int { 1 }

    static func sum(_ block: LossBlock) -> Double {
        // One row of one panel, aligned as the kernels want it; a temporary allocation of this alignment
        // would come from the heap.
        var powers = SIMD16<Float>()
        return withUnsafeMutableBytes(of: &powers) { memory in
            guard let base = memory.baseAddress else { return 0 }
            return sum(block, base.assumingMemoryBound(to: Float.self))
        }
    }

    private static func sum(_ block: LossBlock, _ powers: UnsafeMutablePointer<Float>) -> Double {
        let kernels = InstructionSet.current.kernels
        let (rows, columns, width, scale) = (block.rows, block.columns, Panels.width, block.scale)
        var total = 0.0
        for row in 0..<rows {
            let weight = block.weights?[row] ?? 1
            // The numbers were checked, but they are the user's memory, who may have written there since.
            let number = block.target[row]
            guard number >= 0, number < Float(columns) else { return .nan }
            let target = place(Int(number), row, rows)
            var peak = -Float.infinity
            for first in stride(from: 0, to: columns, by: width) {
                let logits = block.prediction + place(first, row, rows)
                for lane in 0..<min(width, columns - first) where logits[lane] > peak {
                    peak = logits[lane]
                }
            }
            var sum = 0.0
            for first in stride(from: 0, to: columns, by: width) {
                let start = place(first, row, rows)
                let used = min(width, columns - first)
                for lane in 0..<width { powers[lane] = block.prediction[start + lane] - peak }
                kernels.evaluate(.exp, powers, into: powers, count: width)
                for lane in 0..<used { sum += Double(powers[lane]) }
                if let gradient = block.gradient {
                    for lane in used..<width { powers[lane] = 0 }
                    (gradient + start).update(from: powers, count: width)
                }
            }
            total += Double(weight) * (log(sum) - Double(block.prediction[target] - peak))
            guard let gradient = block.gradient else { continue }
            let factor = scale * weight
            let share = factor / Float(sum)
            for first in stride(from: 0, to: columns, by: width) {
                let own = gradient + place(first, row, rows)
                for lane in 0..<width { own[lane] *= share }
            }
            gradient[target] -= factor
        }
        return total
    }

    /// The largest logit wins, the first of equal ones.
    static func correct(_ block: LossBlock) -> Int {
        (0..<block.rows).reduce(0) { $0 + (Float(largest(block, $1)) == block.target[$1] ? 1 : 0) }
    }

    /// The column of a row's largest logit, the first of equal ones; 0 if none is a number.
    private static func largest(_ block: LossBlock, _ row: Int) -> Int {
        var (best, peak) = (0, -Float.infinity)
        for first in stride(from: 0, to: block.columns, by: Panels.width) {
            let logits = block.prediction + place(first, row, block.rows)
            for lane in 0..<min(Panels.width, block.columns - first) where logits[lane] > peak {
                (best, peak) = (first + lane, logits[lane])
            }
        }
        return best
    }

    /// Where a column of a row lies in panels of `rows` rows.
    @inline(__always)
    private static func place(_ column: Int, _ row: Int, _ rows: Int) -> Int {
        (column / Panels.width * rows + row) * Panels.width + column % Panels.width
    }
}
