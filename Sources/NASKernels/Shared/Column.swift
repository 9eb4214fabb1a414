import NASIntrinsics
import NASKernelInterface

// Products of a layer with one output: all of them are of rank one, and bound by reading A once.

// MARK: - Forward

#if NAS_AVX512
    /// What a row's products are summed up in.
    private typealias Lanes = SIMD16<Float>
    /// As many sums as there are lanes.
    private typealias VectorOfSums = Folded<Folded<Folded<Folded<OneSum>>>>
#else
    /// What a row's products are summed up in; of twice as many, the registers would not hold all sums.
    private typealias Lanes = SIMD8<Float>
    /// As many sums as there are lanes.
    private typealias VectorOfSums = Folded<Folded<Folded<OneSum>>>
#endif

func columnForwardAll(
    _ a: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: Float,
    _ y: UnsafeMutablePointer<Float>, _ rows: Int, _ depth: Int
) {
    var row = 0
    while row < rows, rows >= VectorOfSums.rows {
        // The last vector may compute some rows once again.
        let from = row &+ VectorOfSums.rows <= rows ? row : rows &- VectorOfSums.rows
        UnsafeMutableRawPointer(y + from).storeBytes(
            of: dotProducts(VectorOfSums.self, a, w, from, rows, depth) + bias, as: Lanes.self)
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
) -> Lanes {
    var sums = S()
    var panel = 0
    while panel &* panelWidth < depth {
        var column = 0
        while column < panelWidth {
            let from = a + ((panel &* rows &+ row) &* panelWidth &+ column)
            sums.add(from, lanes(w + (panel &* panelWidth &+ column)))
            column = column &+ Lanes.scalarCount
        }
        panel = panel &+ 1
    }
    return sums.folded
}

@inline(__always)
private func lanes(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).load(as: Lanes.self)
}

/// Sums over the columns of rows, a vector of lanes for each row.
private protocol RowSums {
    static var rows: Int { get }
    init()
    /// Adds the products of each row, a panel's width apart, with `w`.
    mutating func add(_ from: UnsafePointer<Float>, _ w: Lanes)
    /// The rows' lanes in one vector, as many lanes for each row: one for each of a vectorful of rows.
    var folded: Lanes { get }
}

private struct OneSum: RowSums {
    private var total = Lanes()

    static var rows: Int {
        @inline(__always) get { 1 }
    }

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func add(_ from: UnsafePointer<Float>, _ w: Lanes) {
        #if NAS_FMA || arch(arm64)
            total = total.addingProduct(lanes(from), w)
        #else
            total += lanes(from) * w
        #endif
    }

    var folded: Lanes {
        @inline(__always) get { total }
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
    mutating func add(_ from: UnsafePointer<Float>, _ w: Lanes) {
        first.add(from, w)
        second.add(from + Half.rows &* panelWidth, w)
    }

    var folded: Lanes {
        @inline(__always) get {
            let (a, b) = (first.folded, second.folded)
            #if NAS_AVX512
                return nas_even16(a, b) + nas_odd16(a, b)
            #else
                return nas_even8(a, b) + nas_odd8(a, b)
            #endif
        }
    }
}

// MARK: - Backward

func columnBackwardAll(_ product: ColumnBackward, _ edge: Edge) {
    _ = withSlope(edge, BackwardOfColumn(product: product))
    biasGradient(product)
}

/// Both gradients in one pass over A, a panel at a time.
private struct BackwardOfColumn: SlopeUser {
    let product: ColumnBackward

    @inline(__always)
    func use<S: Slope>(_ slope: S) {
        var panel = 0
        while panel &* panelWidth < product.depth {
            var column = 0
            while column < panelWidth {
                reduce(slope, panel, column)
                column = column &+ Vector.scalarCount
            }
            panel = panel &+ 1
        }
    }

    /// The sum for dw in four interleaved ones, which do not wait for each other.
    @inline(__always)
    private func reduce<S: Slope>(_ slope: S, _ panel: Int, _ column: Int) {
        let first = panel &* product.rows
        let from = product.a + (first &* panelWidth &+ column)
        let w = load(product.w + (panel &* panelWidth &+ column))
        var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
        var row = 0
        while row &+ 4 <= product.rows {
            a = step(slope, first, row, column, from, w, a)
            b = step(slope, first, row &+ 1, column, from, w, b)
            c = step(slope, first, row &+ 2, column, from, w, c)
            d = step(slope, first, row &+ 3, column, from, w, d)
            row = row &+ 4
        }
        while row < product.rows {
            a = step(slope, first, row, column, from, w, a)
            row = row &+ 1
        }
        var total = (a + b) + (c + d)
        if panel &* panelWidth &+ panelWidth > product.depth {
            // Activations beyond the matrix need not be zero, but the weights there must stay so.
            let used = UInt16(truncatingIfNeeded: (1 &<< (product.depth % panelWidth)) &- 1)
            total = Vector().replacing(with: total, where: lanes(of: used, column: column))
        }
        let target = product.dw + (panel &* panelWidth &+ column)
        store(product.accumulate ? load(target) + total : total, target)
    }

    /// One row: its input gradient is stored, its term of dw is added to `sum`.
    @inline(__always)
    private func step<S: Slope>(
        _ slope: S, _ first: Int, _ row: Int, _ column: Int, _ from: UnsafePointer<Float>,
        _ w: Vector, _ sum: Vector
    ) -> Vector {
        let dy = product.dy[row]
        let result = multiplyAdd(load(from + row &* panelWidth), dy, sum)
        let to = product.dA + ((first &+ row) &* panelWidth &+ column)
        store(slope.times(w * dy, first &+ row, column), to)
        return result
    }
}

private func biasGradient(_ product: ColumnBackward) {
    let (dy, db) = (product.dy, product.db)
    var (b0, b1, b2, b3) = (Float(0), Float(0), Float(0), Float(0))
    var row = 0
    while row &+ 4 <= product.rows {
        b0 += dy[row]
        b1 += dy[row &+ 1]
        b2 += dy[row &+ 2]
        b3 += dy[row &+ 3]
        row = row &+ 4
    }
    while row < product.rows {
        b0 += dy[row]
        row = row &+ 1
    }
    let total = (b0 + b1) + (b2 + b3)
    db[0] = product.accumulate ? db[0] + total : total
}
