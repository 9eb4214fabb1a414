import NASKernelInterface

/// The speed of single kernels, for benchmarks: of the instruction set in use, on one thread.
public enum KernelMeasurement {
    /// What can be measured.
    public enum Kernel: String, Sendable, CaseIterable {
        /// Multiply-adds in registers: what the core can do at most.
        case peak
        /// Multiply-adds of numbers in the first cache: what products can reach at most.
        case firstCachePeak = "first_cache_peak"
        case forward
        case inputGradient = "input_gradient"
        case weightGradient = "weight_gradient"
    }

    /// Runs a kernel over a layer of `depth` inputs and `columns` outputs.
    ///
    /// - Parameters:
    ///   - rows: of the data; worked on in blocks as in a training.
    ///   - repetitions: how often, at least 1.
    /// - Returns: seconds and floating-point operations of all repetitions together.
    public static func measure(
        _ kernel: Kernel, rows: Int, depth: Int, columns: Int, repetitions: Int
    ) throws(EngineError) -> (seconds: Double, operations: Double) {
        for (name, value) in [
            ("rows", rows), ("depth", depth), ("columns", columns), ("repetitions", repetitions),
        ] {
            try require(value >= 1 && value <= 1 << 24, "\(name) must be in 1…16777216, got \(value)")
        }
        let kernels = InstructionSet.current.kernels
        if kernel == .peak || kernel == .firstCachePeak {
            let numbers = try Arena.filled(8192)
            defer { withExtendedLifetime(numbers) {} }
            let start = Clock.nanoseconds
            let operations =
                kernel == .peak
                ? kernels.peak(repetitions: repetitions)
                : kernels.firstCachePeak(numbers.base, repetitions: repetitions)
            return (Double(Clock.nanoseconds - start) * 1e-9, Double(operations))
        }
        let block = min(rows, PlanLayout.blockRows(for: rows))
        let x = try Arena.filled(Panels.floats(rows: block, columns: depth))
        let y = try Arena.filled(Panels.floats(rows: block, columns: columns))
        let w = try Arena.filled(Panels.floats(rows: depth, columns: columns))
        let bias = try Arena.filled(Panels.floats(rows: 1, columns: columns))
        let space = try Arena(floats: productWorkingSpace(width: max(depth, columns)), zeroed: 0)
        let count = kernels.quarterSumsCount(depth: depth, width: columns, rows: block, nonzeros: 1)
        let sums = try Arena(floats: count, zeroed: 0)
        let quarterSums = count > 0 ? UnsafePointer(sums.base) : nil
        defer { withExtendedLifetime((x, y, w, bias, space, sums)) {} }
        let start = Clock.nanoseconds
        for _ in 0..<repetitions {
            if count > 0, kernel == .forward || kernel == .inputGradient {
                kernels.sumQuarters(w.base, depth: depth, panels: Panels.count(columns), into: sums.base)
            }
            for first in stride(from: 0, to: rows, by: block) {
                let height = min(block, rows - first)
                switch kernel {
                case .peak, .firstCachePeak: break
                case .forward:
                    kernels.multiply(
                        Product(
                            a: .panels(x.base, rows: height), depth: depth, weights: .panels(w.base),
                            bias: bias.base, c: y.base, rows: height,
                            panels: Panels.count(columns), accumulate: false,
                            workingSpace: space.base, quarterSums: quarterSums), edge: .none)
                case .inputGradient:
                    kernels.multiply(
                        Product(
                            a: .panels(y.base, rows: height), depth: columns,
                            weights: .transposed(w.base, columns: depth), bias: nil, c: x.base, rows: height,
                            panels: Panels.count(depth), accumulate: false,
                            workingSpace: space.base, quarterSums: quarterSums), edge: .none)
                case .weightGradient:
                    kernels.weightGradient(
                        WeightGradient(
                            a: .panels(x.base, rows: height), depth: depth, dC: y.base,
                            rows: height, panels: Panels.count(columns), dW: w.base,
                            db: bias.base, accumulate: first > 0, workingSpace: space.base,
                            allowsQuarters: true))
                }
            }
        }
        let seconds = Double(Clock.nanoseconds - start) * 1e-9
        let operations = 2 * Double(rows) * Double(depth) * Double(columns) * Double(repetitions)
        return (seconds, operations)
    }
}

extension Arena {
    /// An arena of small numbers, so that no product of them grows without bounds.
    static func filled(_ count: Int) throws(EngineError) -> Arena {
        let arena = try Arena(floats: count, zeroed: 0)
        InstructionSet.current.kernels.fillUniform(
            arena.base, count: count, key: SIMD4(1, 2, 3, 4), limit: 0.01)
        return arena
    }
}
