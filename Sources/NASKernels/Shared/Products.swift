// Compiled once per instruction set, from this one file: the targets NASKernelsBaseline, NASKernelsAVX2
// and NASKernelsAVX512 hold links to it and differ in their compiler flags only.
//
// Contract: pointers are borrowed for the call and do not overlap; panel buffers are aligned to 64 bytes.
// Only pointers, integers and SIMD types appear here: code of the standard library that is compiled into
// several targets becomes one symbol of which the linker keeps any, possibly one that this CPU cannot run.

/// The products of training over matrices in panels of 16 columns.
public enum Products {
    static let panelWidth = 16

    #if NAS_FMA
        /// A whole panel row: two AVX registers, or one of AVX-512.
        typealias Vector = SIMD16<Float>
    #else
        /// Half a panel row: two SSE registers, so that six rows of accumulators fit into sixteen.
        typealias Vector = SIMD8<Float>
    #endif

    /// C = A·W + bias, or C += A·W: the forward product, and with transposed weights the input gradient.
    ///
    /// - Parameters:
    ///   - a: `(rows, depth)`; element (r, k) lies at `k / 16 · panelStride + r · rowStride + k % 16`.
    ///   - weights: `[panels][depth][16]`.
    ///   - bias: `[panels][16]`, or nil to start from zero (from C where `accumulate`).
    ///   - c: `[panels][rows][16]`.
    public static func multiply(
        _ a: UnsafePointer<Float>, _ rowStride: Int, _ panelStride: Int, _ depth: Int,
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
        _ c: UnsafeMutablePointer<Float>, _ rows: Int, _ panels: Int, _ accumulate: Bool
    ) {
        var panel = 0
        while panel < panels {
            var column = 0
            while column < panelWidth {
                let w = weights + panel * depth * panelWidth + column
                let start = bias.map { load($0 + panel * panelWidth + column) } ?? Vector()
                let target = c + panel * rows * panelWidth + column
                var row = 0
                while row + 6 <= rows {
                    multiplySixRows(
                        a + row * rowStride, rowStride, panelStride, depth, w, start,
                        target + row * panelWidth, accumulate)
                    row += 6
                }
                while row < rows {
                    multiplyRow(
                        a + row * rowStride, panelStride, depth, w, start,
                        target + row * panelWidth, accumulate)
                    row += 1
                }
                column += Vector.scalarCount
            }
            panel += 1
        }
    }

    /// dW += Aᵀ·dC: the weight gradient.
    ///
    /// - Parameters:
    ///   - a: the layer's input, `(rows, depth)`, strided as in ``multiply``.
    ///   - dC: the gradient of its output, `[panels][rows][16]`.
    ///   - dW: `[panels][depth][16]`.
    public static func accumulateWeightGradient(
        _ a: UnsafePointer<Float>, _ rowStride: Int, _ panelStride: Int, _ depth: Int,
        _ dC: UnsafePointer<Float>, _ rows: Int, _ panels: Int, _ dW: UnsafeMutablePointer<Float>
    ) {
        var panel = 0
        while panel < panels {
            var lane = 0
            while lane < panelWidth {
                let gradient = dC + panel * rows * panelWidth + lane
                let target = dW + panel * depth * panelWidth + lane
                var column = 0
                while column < depth {
                    let from = a + column / panelWidth * panelStride + column % panelWidth
                    let to = target + column * panelWidth
                    let left = min(panelWidth - column % panelWidth, depth - column)
                    // A panel's 16 columns are 6 + 5 + 5.
                    if left == 16 || left == 6 {
                        reduceColumns6(from, rowStride, gradient, rows, to)
                        column += 6
                    } else if left >= 5 {
                        reduceColumns5(from, rowStride, gradient, rows, to)
                        column += 5
                    } else {
                        reduceColumn(from, rowStride, gradient, rows, to)
                        column += 1
                    }
                }
                lane += Vector.scalarCount
            }
            panel += 1
        }
    }
}

// MARK: - Tiles

extension Products {
    @inline(__always)
    private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(pointer).load(as: Vector.self)
    }

    @inline(__always)
    private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
    }

    @inline(__always)
    private static func add(_ product: (Float, Vector), to sum: inout Vector) {
        #if NAS_FMA
            sum.addProduct(Vector(repeating: product.0), product.1)
        #else
            // Without the instruction a fused multiply-add is a library call per lane.
            sum += product.0 * product.1
        #endif
    }

    @inline(__always)
    private static func multiplySixRows(
        _ a: UnsafePointer<Float>, _ s: Int, _ panelStride: Int, _ depth: Int,
        _ weights: UnsafePointer<Float>, _ start: Vector, _ c: UnsafeMutablePointer<Float>,
        _ accumulate: Bool
    ) {
        var (c0, c1, c2, c3, c4, c5) = (start, start, start, start, start, start)
        var left = a
        var w = weights
        var remaining = depth
        while remaining > 0 {
            let end = left + min(remaining, panelWidth)
            var x = left
            while x < end {
                let v = load(w)
                add((x[0], v), to: &c0)
                add((x[s], v), to: &c1)
                add((x[2 * s], v), to: &c2)
                add((x[3 * s], v), to: &c3)
                add((x[4 * s], v), to: &c4)
                add((x[5 * s], v), to: &c5)
                w += panelWidth
                x += 1
            }
            left += panelStride
            remaining -= panelWidth
        }
        finish(c0, c, accumulate)
        finish(c1, c + panelWidth, accumulate)
        finish(c2, c + 2 * panelWidth, accumulate)
        finish(c3, c + 3 * panelWidth, accumulate)
        finish(c4, c + 4 * panelWidth, accumulate)
        finish(c5, c + 5 * panelWidth, accumulate)
    }

    @inline(__always)
    private static func multiplyRow(
        _ a: UnsafePointer<Float>, _ panelStride: Int, _ depth: Int,
        _ weights: UnsafePointer<Float>, _ start: Vector, _ c: UnsafeMutablePointer<Float>,
        _ accumulate: Bool
    ) {
        var sum = start
        var left = a
        var w = weights
        var remaining = depth
        while remaining > 0 {
            let end = left + min(remaining, panelWidth)
            var x = left
            while x < end {
                add((x[0], load(w)), to: &sum)
                w += panelWidth
                x += 1
            }
            left += panelStride
            remaining -= panelWidth
        }
        finish(sum, c, accumulate)
    }

    @inline(__always)
    private static func finish(_ sum: Vector, _ c: UnsafeMutablePointer<Float>, _ accumulate: Bool) {
        store(accumulate ? load(c) + sum : sum, c)
    }

    @inline(__always)
    private static func reduceColumns6(
        _ a: UnsafePointer<Float>, _ stride: Int, _ dC: UnsafePointer<Float>, _ rows: Int,
        _ dW: UnsafeMutablePointer<Float>
    ) {
        var (w0, w1, w2) = (Vector(), Vector(), Vector())
        var (w3, w4, w5) = (Vector(), Vector(), Vector())
        var left = a
        var gradient = dC
        let end = dC + rows * panelWidth
        while gradient < end {
            let v = load(gradient)
            add((left[0], v), to: &w0)
            add((left[1], v), to: &w1)
            add((left[2], v), to: &w2)
            add((left[3], v), to: &w3)
            add((left[4], v), to: &w4)
            add((left[5], v), to: &w5)
            left += stride
            gradient += panelWidth
        }
        finish(w0, dW, true)
        finish(w1, dW + panelWidth, true)
        finish(w2, dW + 2 * panelWidth, true)
        finish(w3, dW + 3 * panelWidth, true)
        finish(w4, dW + 4 * panelWidth, true)
        finish(w5, dW + 5 * panelWidth, true)
    }

    @inline(__always)
    private static func reduceColumns5(
        _ a: UnsafePointer<Float>, _ stride: Int, _ dC: UnsafePointer<Float>, _ rows: Int,
        _ dW: UnsafeMutablePointer<Float>
    ) {
        var (w0, w1, w2) = (Vector(), Vector(), Vector())
        var (w3, w4) = (Vector(), Vector())
        var left = a
        var gradient = dC
        let end = dC + rows * panelWidth
        while gradient < end {
            let v = load(gradient)
            add((left[0], v), to: &w0)
            add((left[1], v), to: &w1)
            add((left[2], v), to: &w2)
            add((left[3], v), to: &w3)
            add((left[4], v), to: &w4)
            left += stride
            gradient += panelWidth
        }
        finish(w0, dW, true)
        finish(w1, dW + panelWidth, true)
        finish(w2, dW + 2 * panelWidth, true)
        finish(w3, dW + 3 * panelWidth, true)
        finish(w4, dW + 4 * panelWidth, true)
    }

    @inline(__always)
    private static func reduceColumn(
        _ a: UnsafePointer<Float>, _ stride: Int, _ dC: UnsafePointer<Float>, _ rows: Int,
        _ dW: UnsafeMutablePointer<Float>
    ) {
        var sum = Vector()
        var left = a
        var gradient = dC
        let end = dC + rows * panelWidth
        while gradient < end {
            add((left[0], load(gradient)), to: &sum)
            left += stride
            gradient += panelWidth
        }
        finish(sum, dW, true)
    }
}
