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
        into c: UnsafeMutablePointer<Float>, rows: Int, panels: Int, accumulate: Bool = false
    ) {
        for panel in 0..<panels {
            let start = Start(
                bias: bias.map { $0 + panel * panelWidth }, accumulate: accumulate)
            let w = weights + panel * depth * panelWidth
            let target = c + panel * rows * panelWidth
            var row = 0
            while row + 6 <= rows {
                for half in stride(from: 0, to: panelWidth, by: Vector.scalarCount) {
                    multiplySixRows(
                        a, from: row, depth: depth, w + half, start, half,
                        target + row * panelWidth + half)
                }
                row += 6
            }
            while row < rows {
                for half in stride(from: 0, to: panelWidth, by: Vector.scalarCount) {
                    multiplyRow(
                        a, from: row, depth: depth, w + half, start, half,
                        target + row * panelWidth + half)
                }
                row += 1
            }
        }
    }

    /// dW += Aᵀ·dC: the weight gradient.
    ///
    /// - Parameters:
    ///   - a: the layer's input, `(rows, depth)`.
    ///   - dC: the gradient of its output, `[panels][rows][16]`.
    ///   - dW: `[panels][depth][16]`.
    static func accumulateWeightGradient(
        _ a: Operand, depth: Int, dC: UnsafePointer<Float>, rows: Int, panels: Int,
        into dW: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<panels {
            let gradient = dC + panel * rows * panelWidth
            let target = dW + panel * depth * panelWidth
            var column = 0
            while column < depth {
                let from = a.base + column / panelWidth * a.panelStride + column % panelWidth
                let to = target + column * panelWidth
                let whole = column % panelWidth + 4 <= panelWidth && column + 4 <= depth
                for half in stride(from: 0, to: panelWidth, by: Vector.scalarCount) {
                    if whole {
                        reduceFourColumns(
                            from, stride: a.rowStride, gradient + half, rows: rows, to + half)
                    } else {
                        reduceColumn(
                            from, stride: a.rowStride, gradient + half, rows: rows, to + half)
                    }
                }
                column += whole ? 4 : 1
            }
        }
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

// MARK: - Tiles

extension Kernels {
    /// What a tile's accumulators hold before the first multiplication.
    private struct Start {
        let bias: UnsafePointer<Float>?
        let accumulate: Bool

        @inline(__always)
        func vector(_ half: Int, _ c: UnsafeMutablePointer<Float>) -> Vector {
            var value = Vector.zero
            if let bias { value = load(bias + half) }
            if accumulate { value += load(c) }
            return value
        }
    }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(pointer).load(as: Vector.self)
    }

    @inline(__always)
    static func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector {
        UnsafeRawPointer(pointer).load(as: Vector.self)
    }

    @inline(__always)
    static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
    }

    @inline(__always)
    private static func multiplySixRows(
        _ a: Operand, from row: Int, depth: Int, _ w: UnsafePointer<Float>, _ start: Start,
        _ half: Int, _ c: UnsafeMutablePointer<Float>
    ) {
        let s = a.rowStride
        var c0 = start.vector(half, c)
        var c1 = start.vector(half, c + panelWidth)
        var c2 = start.vector(half, c + 2 * panelWidth)
        var c3 = start.vector(half, c + 3 * panelWidth)
        var c4 = start.vector(half, c + 4 * panelWidth)
        var c5 = start.vector(half, c + 5 * panelWidth)
        var left = a.base + row * s
        var weight = w
        var remaining = depth
        while remaining > 0 {
            for k in 0..<min(remaining, panelWidth) {
                let v = load(weight)
                c0 += left[k] * v
                c1 += left[s + k] * v
                c2 += left[2 * s + k] * v
                c3 += left[3 * s + k] * v
                c4 += left[4 * s + k] * v
                c5 += left[5 * s + k] * v
                weight += panelWidth
            }
            left += a.panelStride
            remaining -= panelWidth
        }
        store(c0, c)
        store(c1, c + panelWidth)
        store(c2, c + 2 * panelWidth)
        store(c3, c + 3 * panelWidth)
        store(c4, c + 4 * panelWidth)
        store(c5, c + 5 * panelWidth)
    }

    @inline(__always)
    private static func multiplyRow(
        _ a: Operand, from row: Int, depth: Int, _ w: UnsafePointer<Float>, _ start: Start,
        _ half: Int, _ c: UnsafeMutablePointer<Float>
    ) {
        var sum = start.vector(half, c)
        var left = a.base + row * a.rowStride
        var weight = w
        var remaining = depth
        while remaining > 0 {
            for k in 0..<min(remaining, panelWidth) {
                sum += left[k] * load(weight)
                weight += panelWidth
            }
            left += a.panelStride
            remaining -= panelWidth
        }
        store(sum, c)
    }

    @inline(__always)
    private static func reduceFourColumns(
        _ a: UnsafePointer<Float>, stride: Int, _ dC: UnsafePointer<Float>, rows: Int,
        _ dW: UnsafeMutablePointer<Float>
    ) {
        var w0 = load(dW)
        var w1 = load(dW + panelWidth)
        var w2 = load(dW + 2 * panelWidth)
        var w3 = load(dW + 3 * panelWidth)
        var left = a
        var gradient = dC
        for _ in 0..<rows {
            let v = load(gradient)
            w0 += left[0] * v
            w1 += left[1] * v
            w2 += left[2] * v
            w3 += left[3] * v
            left += stride
            gradient += panelWidth
        }
        store(w0, dW)
        store(w1, dW + panelWidth)
        store(w2, dW + 2 * panelWidth)
        store(w3, dW + 3 * panelWidth)
    }

    @inline(__always)
    private static func reduceColumn(
        _ a: UnsafePointer<Float>, stride: Int, _ dC: UnsafePointer<Float>, rows: Int,
        _ dW: UnsafeMutablePointer<Float>
    ) {
        var sum = load(dW)
        var left = a
        var gradient = dC
        for _ in 0..<rows {
            sum += left.pointee * load(gradient)
            left += stride
            gradient += panelWidth
        }
        store(sum, dW)
    }
}
