extension Kernels {
    /// C = A·W + bias, or C += A·W: the forward product, and with transposed weights the input gradient.
    ///
    /// - Parameters:
    ///   - a: `(rows, depth)`.
    ///   - weights: `[panels][depth][16]`.
    ///   - bias: `[panels][16]`, or nil to start from zero (from C where `accumulate`).
    ///   - c: `[panels][rows][16]`; must not overlap the operands.
    static func multiply(
        _ a: Operand, depth: Int, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        into c: UnsafeMutablePointer<Float>, rows: Int, panels: Int, accumulate: Bool = false,
        with instructions: InstructionSet = .current
    ) {
        instructions.multiply(
            a.base, a.rowStride, a.panelStride, depth, weights, bias, c, rows, panels, accumulate)
    }

    /// dW += Aᵀ·dC: the weight gradient.
    ///
    /// - Parameters:
    ///   - a: the layer's input, `(rows, depth)`.
    ///   - dC: the gradient of its output, `[panels][rows][16]`.
    ///   - dW: `[panels][depth][16]`.
    static func accumulateWeightGradient(
        _ a: Operand, depth: Int, dC: UnsafePointer<Float>, rows: Int, panels: Int,
        into dW: UnsafeMutablePointer<Float>, with instructions: InstructionSet = .current
    ) {
        instructions.accumulateWeightGradient(
            a.base, a.rowStride, a.panelStride, depth, dC, rows, panels, dW)
    }

    /// db += the sum of dC over its rows; `dC` is `[panels][rows][16]`, `db` is `[panels][16]`.
    static func accumulateBiasGradient(
        _ dC: UnsafePointer<Float>, rows: Int, panels: Int, into db: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<panels {
            for half in stride(from: 0, to: panelWidth, by: Vector.scalarCount) {
                let target = db + panel * panelWidth + half
                let column = dC + panel * rows * panelWidth + half
                var sum = Vector.zero
                for row in 0..<rows { sum += load(column + row * panelWidth) }
                store(load(target) + sum, target)
            }
        }
    }
}
