import NASIntrinsics
import NASKernelInterface

// Products of a layer with one output: all of them are of rank one, and bound by reading A once.

func columnForwardAll(
    _ a: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: Float,
    _ y: UnsafeMutablePointer<Float>, _ rows: Int, _ depth: Int
) {
    var row = 0
    while row < rows, rows >= VectorOfSums.rows {
        // The last vector may compute some rows once again.
        let from = row &+ VectorOfSums.rows <= rows ? row : rows &- VectorOfSums.rows
        UnsafeMutableRawPointer(y + from).storeBytes(
            of: dotProducts(VectorOfSums.self, a, w, from, rows, depth) + bias, as: Vector.self)
        row = row &+ VectorOfSums.rows
    }
    while row < rows {
        y[row] = sum(dotProducts(OneSum.self, a, w, row, rows, depth)) + bias
        row = row &+ 1
    }
}

/// The dot products of some rows from `row` on with `w`, before the last additions of ``RowSums/folded``.
@inline(__always)
private func dotProducts<S: RowSums>(
    _: S.Type, _ a: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ row: Int, _ rows: Int,
    _ depth: Int
) -> Vector {
    var sums = S()
    var panel = 0
    while panel &* panelWidth < depth {
        var column = 0
        while column < panelWidth {
            let from = a + ((panel &* rows &+ row) &* panelWidth &+ column)
            sums.add(from, load(w + (panel &* panelWidth &+ column)))
            column = column &+ Vector.scalarCount
        }
        panel = panel &+ 1
    }
    return sums.folded
}

/// Sums over the columns of rows, a vector of lanes for each row.
private protocol RowSums {
    static var rows: Int { get }
    init()
    /// Adds the products of each row, a panel's width apart, with `w`.
    mutating func add(_ from: UnsafePointer<Float>, _ w: Vector)
    /// The rows' lanes in one vector, as many lanes for each row: one for each of a vectorful of rows.
    var folded: Vector { get }
}

private struct OneSum: RowSums {
    private var lanes = Vector()

    static var rows: Int {
        @inline(__always) get { 1 }
    }

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func add(_ from: UnsafePointer<Float>, _ w: Vector) {
        lanes = multiplyAdd(load(from), w, lanes)
    }

    var folded: Vector {
        @inline(__always) get { lanes }
    }
}

/// Twice as many rows, of which each has half as many lanes once they are folded.
private struct Folded<Half: RowSums>: RowSums {
    private var first = Half()
    private var second = Half()

    static var rows: Int {
        @inline(__always) get { Half.rows &* 2 }
    }

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func add(_ from: UnsafePointer<Float>, _ w: Vector) {
        first.add(from, w)
        second.add(from + Half.rows &* panelWidth, w)
    }

    var folded: Vector {
        @inline(__always) get {
            let (a, b) = (first.folded, second.folded)
            #if NAS_FMA
                return nas_even16(a, b) + nas_odd16(a, b)
            #else
                return nas_even8(a, b) + nas_odd8(a, b)
            #endif
        }
    }
}

#if NAS_FMA
    private typealias VectorOfSums = Folded<Folded<Folded<Folded<OneSum>>>>
#else
    private typealias VectorOfSums = Folded<Folded<Folded<OneSum>>>
#endif

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
            let target = dw + (panel &* panelWidth &+ column)
            var total = weightedSum(from, dy, 1, rows)
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

func columnInputGradientAll(
    _ dy: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ dA: UnsafeMutablePointer<Float>,
    _ rows: Int, _ depth: Int, _ accumulate: Bool, _ edge: Edge
) {
    var panel = 0
    while panel &* panelWidth < depth {
        var column = 0
        while column < panelWidth {
            let v = load(w + (panel &* panelWidth &+ column))
            var row = 0
            while row < rows {
                let to = dA + ((panel &* rows &+ row) &* panelWidth &+ column)
                let product = v * dy[row]
                store(accumulate ? load(to) + product : product, to)
                row = row &+ 1
            }
            column = column &+ Vector.scalarCount
        }
        finish(edge, dA, panel &* rows, rows)
        panel = panel &+ 1
    }
}
