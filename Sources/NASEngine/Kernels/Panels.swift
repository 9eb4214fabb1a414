// Contract of this folder: pointers are borrowed for the call, do not overlap unless a function says
// so, and panel buffers are aligned to 64 bytes. Nothing here allocates, throws or keeps state.

/// The kernels: everything that touches a network's numbers one by one.
///
/// Matrices of activations and weights are kept in *panels* of 16 columns, `[columns / 16][rows][16]`,
/// for the whole life of a training, so that no product has to rearrange its operands. Columns beyond
/// the matrix fill up the last panel; their weights and gradients are zero and stay zero.
enum Kernels {
    /// Columns of a panel.
    static let panelWidth = 16

    /// Half a panel row: what the element-wise passes work on at a time.
    typealias Vector = SIMD8<Float>

    /// Panels that hold `columns` columns.
    @inline(__always)
    static func panels(_ columns: Int) -> Int { (columns + panelWidth - 1) / panelWidth }

    /// Floats of a `rows` × `columns` matrix in panels.
    @inline(__always)
    static func paneled(rows: Int, columns: Int) -> Int { panels(columns) * rows * panelWidth }
}

extension Kernels {
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
}

/// A matrix that a product reads element by element: in panels, or row-major as users hand it in.
struct Operand {
    let base: UnsafePointer<Float>
    /// Distance between two rows, in floats.
    let rowStride: Int
    /// Distance between two groups of 16 columns, in floats.
    let panelStride: Int

    /// A matrix in panels of `rows` rows.
    static func panels(_ base: UnsafePointer<Float>, rows: Int) -> Operand {
        Operand(
            base: base, rowStride: Kernels.panelWidth, panelStride: rows * Kernels.panelWidth)
    }

    /// A row-major matrix of `columns` columns.
    static func rowMajor(_ base: UnsafePointer<Float>, columns: Int) -> Operand {
        Operand(base: base, rowStride: columns, panelStride: Kernels.panelWidth)
    }
}

extension Kernels {
    /// Copies a row-major `rows` × `columns` matrix into panels, zeros in the columns beyond.
    static func pack(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<panels(columns) {
            let first = panel * panelWidth
            let width = min(panelWidth, columns - first)
            for row in 0..<rows {
                let to = target + (panel * rows + row) * panelWidth
                let from = source + row * columns + first
                for lane in 0..<width { to[lane] = from[lane] }
                for lane in width..<panelWidth { to[lane] = 0 }
            }
        }
    }

    /// Copies a matrix in panels to row-major order: the inverse of ``pack(_:rows:columns:into:)``.
    static func unpack(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            for column in 0..<columns {
                target[row * columns + column] =
                    source[
                        (column / panelWidth * rows + row) * panelWidth + column % panelWidth]
            }
        }
    }

    /// Transposes a `rows` × `columns` matrix in panels into a `columns` × `rows` one in panels.
    ///
    /// The target's columns beyond `rows` become zero.
    static func transpose(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for rowPanel in 0..<panels(rows) {
            let firstRow = rowPanel * panelWidth
            let height = min(panelWidth, rows - firstRow)
            for column in 0..<columns {
                let from =
                    source + (column / panelWidth * rows + firstRow) * panelWidth
                    + column % panelWidth
                let to = target + (rowPanel * columns + column) * panelWidth
                for lane in 0..<height { to[lane] = from[lane * panelWidth] }
                for lane in height..<panelWidth { to[lane] = 0 }
            }
        }
    }
}
