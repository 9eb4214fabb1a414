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
        let kernels = InstructionSet.current.kernels
        let (rows, columns, width) = (block.rows, block.columns, Panels.width)
        let panels = Panels.count(columns)
        let scale = block.scale
        var total = 0.0
        // One row of one panel, aligned as the kernels want it.
        var buffer = SIMD16<Float>()
        for row in 0..<rows {
            let weight = block.weights?[row] ?? 1
            let target = Int(block.target[row])
            let peak = block.prediction[at(largest(block, row), row, rows)]
            var sum = 0.0
            for panel in 0..<panels {
                let offset = (panel * rows + row) * width
                let used = min(width, columns - panel * width)
                for lane in 0..<width {
                    buffer[lane] =
                        lane < used ? block.prediction[offset + lane] - peak : -.infinity
                }
                withUnsafeMutableBytes(of: &buffer) { bytes in
                    guard let lanes = bytes.baseAddress?.assumingMemoryBound(to: Float.self)
                    else { return }
                    kernels.evaluate(.exp, lanes, into: lanes, count: width)
                }
                for lane in 0..<used { sum += Double(buffer[lane]) }
                if let gradient = block.gradient {
                    for lane in 0..<width { gradient[offset + lane] = lane < used ? buffer[lane] : 0 }
                }
            }
            let logit = block.prediction[at(target, row, rows)]
            total += Double(weight) * (log(sum) - Double(logit - peak))
            guard let gradient = block.gradient else { continue }
            let (factor, share) = (scale * weight, 1 / Float(sum))
            for panel in 0..<panels {
                let offset = (panel * rows + row) * width
                for lane in 0..<width { gradient[offset + lane] *= factor * share }
            }
            gradient[at(target, row, rows)] -= factor
        }
        return total
    }

    /// The largest logit wins, the first of equal ones.
    static func correct(_ block: LossBlock) -> Int {
        var count = 0
        for row in 0..<block.rows where largest(block, row) == Int(block.target[row]) { count += 1 }
        return count
    }

    /// The column of a row's largest logit, the first of equal ones; 0 if none is a number.
    private static func largest(_ block: LossBlock, _ row: Int) -> Int {
        var best = 0
        for column in 1..<block.columns
        where block.prediction[at(column, row, block.rows)]
            > block.prediction[at(best, row, block.rows)]
        {
            best = column
        }
        return best
    }

    /// Where a column of a row lies in panels of `rows` rows.
    @inline(__always)
    private static func at(_ column: Int, _ row: Int, _ rows: Int) -> Int {
        (column / Panels.width * rows + row) * Panels.width + column % Panels.width
    }
}
