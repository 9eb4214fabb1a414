import NASIntrinsics

/// 16 × 16 numbers, a row to a vector.
private struct Square {
    typealias Row = SIMD16<Float>
    var r0 = Row(), r1 = Row(), r2 = Row(), r3 = Row(), r4 = Row(), r5 = Row(), r6 = Row(), r7 = Row()
    var r8 = Row(), r9 = Row(), r10 = Row(), r11 = Row(), r12 = Row(), r13 = Row(), r14 = Row()
    var r15 = Row()

    /// Moves element (r, c) so that the eight bits of its place, row before column, rotate to the right
    /// by one; four times this is the transposition.
    @inline(__always)
    func rotated() -> Square {
        Square(
            r0: nas_even16(r0, r1), r1: nas_even16(r2, r3), r2: nas_even16(r4, r5),
            r3: nas_even16(r6, r7), r4: nas_even16(r8, r9), r5: nas_even16(r10, r11),
            r6: nas_even16(r12, r13), r7: nas_even16(r14, r15), r8: nas_odd16(r0, r1),
            r9: nas_odd16(r2, r3), r10: nas_odd16(r4, r5), r11: nas_odd16(r6, r7),
            r12: nas_odd16(r8, r9), r13: nas_odd16(r10, r11), r14: nas_odd16(r12, r13),
            r15: nas_odd16(r14, r15))
    }
}

func transposeAll(
    _ source: UnsafePointer<Float>, _ rows: Int, _ columns: Int,
    _ target: UnsafeMutablePointer<Float>
) {
    let columnPanels = (columns &+ (panelWidth &- 1)) / panelWidth
    var firstRow = 0
    while firstRow < rows {
        let height = rows &- firstRow < panelWidth ? rows &- firstRow : panelWidth
        var panel = 0
        while panel < columnPanels {
            let left = columns &- panel &* panelWidth
            let width = left < panelWidth ? left : panelWidth
            let from = source + (panel &* rows &+ firstRow) &* panelWidth
            let to = target + (firstRow &* columns &+ panel &* panelWidth &* panelWidth)
            if height == panelWidth, width == panelWidth {
                transposeSquare(from, to)
            } else {
                transposePart(from, to, height, width)
            }
            panel = panel &+ 1
        }
        firstRow = firstRow &+ panelWidth
    }
}

/// Both squares are 256 floats in a row.
@inline(__always)
private func transposeSquare(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
    let source = UnsafeRawPointer(from)
    let square = source.load(as: Square.self).rotated().rotated().rotated().rotated()
    UnsafeMutableRawPointer(to).storeBytes(of: square, as: Square.self)
}

private func transposePart(
    _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ height: Int, _ width: Int
) {
    var column = 0
    while column < width {
        var row = 0
        while row < panelWidth {
            to[column &* panelWidth &+ row] = row < height ? from[row &* panelWidth &+ column] : 0
            row = row &+ 1
        }
        column = column &+ 1
    }
}
