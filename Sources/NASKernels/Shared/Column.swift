import NASKernelInterface

// Products of a layer with one output: all of them are of rank one, and bound by reading A once.

/// Four rows at a time, so that four sums are under way.
func columnForwardAll(
    _ a: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: Float,
    _ y: UnsafeMutablePointer<Float>, _ rows: Int, _ depth: Int
) {
    let panels = (depth &+ (panelWidth &- 1)) / panelWidth
    var row = 0
    while row &+ 4 <= rows {
        var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
        var panel = 0
        while panel < panels {
            let from = a + (panel &* rows &+ row) &* panelWidth
            var column = 0
            while column < panelWidth {
                let v = load(w + (panel &* panelWidth &+ column))
                s0 = multiplyAdd(load(from + column), v, s0)
                s1 = multiplyAdd(load(from + (column &+ panelWidth)), v, s1)
                s2 = multiplyAdd(load(from + (column &+ 2 &* panelWidth)), v, s2)
                s3 = multiplyAdd(load(from + (column &+ 3 &* panelWidth)), v, s3)
                column = column &+ Vector.scalarCount
            }
            panel = panel &+ 1
        }
        y[row] = sum(s0) + bias
        y[row &+ 1] = sum(s1) + bias
        y[row &+ 2] = sum(s2) + bias
        y[row &+ 3] = sum(s3) + bias
        row = row &+ 4
    }
    while row < rows {
        var s = Vector()
        var panel = 0
        while panel < panels {
            var column = 0
            while column < panelWidth {
                let from = a + ((panel &* rows &+ row) &* panelWidth &+ column)
                s = multiplyAdd(load(from), load(w + (panel &* panelWidth &+ column)), s)
                column = column &+ Vector.scalarCount
            }
            panel = panel &+ 1
        }
        y[row] = sum(s) + bias
        row = row &+ 1
    }
}

func columnWeightGradientAll(
    _ a: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dw: UnsafeMutablePointer<Float>,
    _ db: UnsafeMutablePointer<Float>, _ rows: Int, _ depth: Int, _ accumulate: Bool
) {
    let panels = (depth &+ (panelWidth &- 1)) / panelWidth
    var panel = 0
    while panel < panels {
        var column = 0
        while column < panelWidth {
            let from = a + (panel &* rows &* panelWidth &+ column)
            var (s0, s1, s2, s3) = (Vector(), Vector(), Vector(), Vector())
            var row = 0
            while row &+ 4 <= rows {
                let at = from + row &* panelWidth
                s0 = multiplyAdd(load(at), dy[row], s0)
                s1 = multiplyAdd(load(at + panelWidth), dy[row &+ 1], s1)
                s2 = multiplyAdd(load(at + 2 &* panelWidth), dy[row &+ 2], s2)
                s3 = multiplyAdd(load(at + 3 &* panelWidth), dy[row &+ 3], s3)
                row = row &+ 4
            }
            while row < rows {
                s0 = multiplyAdd(load(from + row &* panelWidth), dy[row], s0)
                row = row &+ 1
            }
            let target = dw + (panel &* panelWidth &+ column)
            var total = (s0 + s1) + (s2 + s3)
            if panel &* panelWidth &+ panelWidth > depth {
                // Activations beyond the matrix need not be zero, but the weights there must stay so.
                let used = UInt16(truncatingIfNeeded: (1 &<< (depth % panelWidth)) &- 1)
                total = Vector().replacing(with: total, where: lanes(of: used, column: column))
            }
            store(accumulate ? load(target) + total : total, target)
            column = column &+ Vector.scalarCount
        }
        panel = panel &+ 1
    }
    var (b0, b1, b2, b3) = (Float(0), Float(0), Float(0), Float(0))
    var row = 0
    while row &+ 4 <= rows {
        b0 += dy[row]
        b1 += dy[row &+ 1]
        b2 += dy[row &+ 2]
        b3 += dy[row &+ 3]
        row = row &+ 4
    }
    while row < rows {
        b0 += dy[row]
        row = row &+ 1
    }
    let total = (b0 + b1) + (b2 + b3)
    db[0] = accumulate ? db[0] + total : total
}

/// Rows of a panel that the edge is applied to at a time.
private let chunk = 12

func columnInputGradientAll(
    _ dy: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ dA: UnsafeMutablePointer<Float>,
    _ rows: Int, _ depth: Int, _ accumulate: Bool, _ edge: Edge
) {
    let panels = (depth &+ (panelWidth &- 1)) / panelWidth
    var panel = 0
    while panel < panels {
        var first = 0
        while first < rows {
            let end = rows < first &+ chunk ? rows : first &+ chunk
            var row = first
            while row < end {
                var column = 0
                while column < panelWidth {
                    let to = dA + ((panel &* rows &+ row) &* panelWidth &+ column)
                    let product = load(w + (panel &* panelWidth &+ column)) * dy[row]
                    store(accumulate ? load(to) + product : product, to)
                    column = column &+ Vector.scalarCount
                }
                row = row &+ 1
            }
            finish(edge, dA, panel &* rows &+ first, end &- first)
            first = end
        }
        panel = panel &+ 1
    }
}
