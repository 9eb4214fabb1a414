import NASKernelInterface

/// Matrices in panels of 16 columns, `[columns / 16][rows][16]`: sizes, and ways in and out.
///
/// Why this layout, says ``KernelSet``.
enum Panels {
    /// Columns of a panel.
    static let width = 16

    /// Panels that hold `columns` columns.
    static func count(_ columns: Int) -> Int { (columns + width - 1) / width }

    /// Floats of a `rows` × `columns` matrix in panels.
    static func floats(rows: Int, columns: Int) -> Int { count(columns) * rows * width }

    /// Copies a row-major `rows` × `columns` matrix into panels, zeros in the columns beyond.
    static func pack(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<count(columns) {
            let first = panel * width
            let used = min(width, columns - first)
            for row in 0..<rows {
                let to = target + (panel * rows + row) * width
                to.update(from: source + row * columns + first, count: used)
                if used < width { (to + used).update(repeating: 0, count: width - used) }
            }
        }
    }

    /// Copies a matrix in panels to row-major order: the inverse of ``pack(_:rows:columns:into:)``.
    static func unpack(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for panel in 0..<count(columns) {
            let first = panel * width
            let used = min(width, columns - first)
            for row in 0..<rows {
                (target + row * columns + first)
                    .update(from: source + (panel * rows + row) * width, count: used)
            }
        }
    }
}

extension Operand {
    /// A matrix in panels of `rows` rows.
    static func panels(_ base: UnsafePointer<Float>, rows: Int) -> Operand {
        Operand(base: base, rowStride: Panels.width, panelStride: rows * Panels.width)
    }

    /// A row-major matrix of `columns` columns.
    static func rowMajor(_ base: UnsafePointer<Float>, columns: Int) -> Operand {
        Operand(base: base, rowStride: columns, panelStride: Panels.width)
    }
}
