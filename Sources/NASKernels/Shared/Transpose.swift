import NASIntrinsics

func transposeAll(
    _ source: UnsafePointer<Float>, _ rows: Int, _ columns: Int,
    _ target: UnsafeMutablePointer<Float>
) {
    let columnPanels = (columns &+ (panelWidth &- 1)) / panelWidth
    var firstRow = 0
    while firstRow < rows {
        var panel = 0
        while panel < columnPanels {
            let from = source + (panel &* rows &+ firstRow) &* panelWidth
            let to = target + (firstRow &* columns &+ panel &* panelWidth &* panelWidth)
            let left = columns &- panel &* panelWidth
            if left >= panelWidth {
                transposeSquare(from, rows &- firstRow, to, panelWidth)
            } else {
                transposePart(from, rows &- firstRow, to, panelWidth, left)
            }
            panel = panel &+ 1
        }
        firstRow = firstRow &+ panelWidth
    }
}

/// Makes the columns of 16 rows of a panel 16 rows, `stride` apart.
///
/// - Parameter rows: as many as there are, perhaps fewer than 16, instead of which there are zeros then.
@inline(__always)
func transposeSquare(
    _ from: UnsafePointer<Float>, _ rows: Int, _ to: UnsafeMutablePointer<Float>, _ stride: Int
) {
    if rows < panelWidth {
        transposePart(from, rows, to, stride, panelWidth)
        return
    }
    var row = 0
    while row < panelWidth {
        var column = 0
        while column < panelWidth {
            nas_transpose8x4(
                from + (row &* panelWidth &+ column), panelWidth, to + (column &* stride &+ row), stride)
            column = column &+ 4
        }
        row = row &+ 8
    }
}

/// Puts the weights of `depth` inputs from number `first` on, a multiple of 16, and of some panels of outputs, which lie
/// transposed, in the order in which a product reads them: `stride` floats from one input to the next, `panelStride` from
/// one panel to the next. There must be room for inputs that fill up the last 16.
func transposeWeights(
    _ weights: UnsafePointer<Float>, _ columns: Int, _ first: Int, _ depth: Int, _ firstPanel: Int,
    _ panels: Int, _ to: UnsafeMutablePointer<Float>, _ stride: Int, _ panelStride: Int
) {
    var panel = 0
    while panel < panels {
        let column = (firstPanel &+ panel) &* panelWidth
        var step = 0
        while step < depth {
            let from = weights + ((first &+ step) / panelWidth &* columns &+ column) &* panelWidth
            askForSquare(from + columns &* panelWidth)
            transposeSquare(from, columns &- column, to + (panel &* panelStride &+ step &* stride), stride)
            step = step &+ panelWidth
        }
        panel = panel &+ 1
    }
}

/// Asks for 16 rows of a panel ahead: the squares of transposed weights are far from each other.
@inline(__always)
private func askForSquare(_ from: UnsafePointer<Float>) {
    var row = 0
    while row < panelWidth {
        nas_prefetch_read(from + row &* panelWidth)
        row = row &+ 1
    }
}

/// The first `columns` of them.
@inline(never)
private func transposePart(
    _ from: UnsafePointer<Float>, _ rows: Int, _ to: UnsafeMutablePointer<Float>, _ stride: Int,
    _ columns: Int
) {
    var column = 0
    while column < columns {
        var row = 0
        while row < panelWidth {
            to[column &* stride &+ row] = row < rows ? from[row &* panelWidth &+ column] : 0
            row = row &+ 1
        }
        column = column &+ 1
    }
}
