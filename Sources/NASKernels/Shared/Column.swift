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

func columnForwardAll(_ product: ColumnForward, _ edge: Edge) {
    if let before = product.before, case .activate(let site) = edge {
        _ = withActivation(
            site.activation, ForwardOfBoth(product: product, before: before, site: site))
    } else {
        dotProducts(product, StoredRows(a: product.a, rows: product.rows))
    }
}

/// The layer before, a vectorful of rows at a time, whose products are added up while they are in registers.
private struct ForwardOfBoth: ActivationUser {
    let product: ColumnForward
    let before: OneInputLayer
    let site: ActivationSite

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        if let mask = site.mask {
            dotProducts(product, ActivatedRows<A>(rows: product.rows, layer: before, site: site, mask: mask))
        } else {
            dotProducts(product, ActivatedRows<A>(rows: product.rows, layer: before, site: site, mask: nil))
        }
    }
}

/// y = A·w + bias, with the rows of A from wherever they come.
@inline(__always)
private func dotProducts<A: Rows>(_ product: ColumnForward, _ a: A) {
    var row = 0
    while row < product.rows, product.rows >= VectorOfSums.rows {
        // The last vector may compute some rows once again.
        let from = row &+ VectorOfSums.rows <= product.rows ? row : product.rows &- VectorOfSums.rows
        UnsafeMutableRawPointer(product.y + from).storeBytes(
            of: dotProducts(VectorOfSums.self, product, a, from) + product.bias, as: Lanes.self)
        row = row &+ VectorOfSums.rows
    }
    while row < product.rows {
        product.y[row] = sumOfPairs(dotProducts(OneSum.self, product, a, row)) + product.bias
        row = row &+ 1
    }
}

/// The sum of a vector's lanes in the order of ``RowSums/folded``, so that a row's result does not depend on
/// how many rows there are.
@inline(__always)
private func sumOfPairs(_ lanes: Lanes) -> Float {
    #if NAS_AVX512
        let eight = lanes.evenHalf + lanes.oddHalf
    #else
        let eight = lanes
    #endif
    let four = eight.evenHalf + eight.oddHalf
    let two = four.evenHalf + four.oddHalf
    return two.x + two.y
}

/// The dot products of some rows from `row` on with `w`, before the last additions of ``RowSums/folded``.
@inline(__always)
private func dotProducts<S: RowSums, A: Rows>(
    _: S.Type, _ product: ColumnForward, _ a: A, _ row: Int
) -> Lanes {
    var sums = S()
    var panel = 0
    while panel &* panelWidth < product.depth {
        var column = 0
        while column < panelWidth {
            let w = load(product.w + (panel &* panelWidth &+ column))
            sums.add(a.columns(panel, column), row, w)
            column = column &+ Vector.scalarCount
        }
        panel = panel &+ 1
    }
    return sums.folded
}

/// Where the rows of A come from.
private protocol Rows {
    associatedtype Columns: ColumnsOfRows
    /// Those of panel `panel` from `column` on.
    func columns(_ panel: Int, _ column: Int) -> Columns
}

private protocol ColumnsOfRows {
    func row(_ row: Int) -> Vector
}

/// Out of memory.
private struct StoredRows: Rows {
    let a: UnsafePointer<Float>
    let rows: Int

    struct Columns: ColumnsOfRows {
        let base: UnsafePointer<Float>

        @inline(__always)
        func row(_ row: Int) -> Vector { load(base + row &* panelWidth) }
    }

    @inline(__always)
    func columns(_ panel: Int, _ column: Int) -> Columns {
        Columns(base: a + (panel &* rows &* panelWidth &+ column))
    }
}

/// Out of a layer with one input: they are stored on the way.
private struct ActivatedRows<A: Activation>: Rows {
    let rows: Int
    let layer: OneInputLayer
    let site: ActivationSite
    let mask: UnsafePointer<UInt16>?

    struct Columns: ColumnsOfRows {
        let first: Int
        let activated: ActivatedColumns<A, OneInput.Columns>

        @inline(__always)
        func row(_ row: Int) -> Vector { activated.row(first &+ row) }
    }

    @inline(__always)
    func columns(_ panel: Int, _ column: Int) -> Columns {
        let first = panel &* rows
        let source = OneInput(layer, panel, first).columns(column)
        return Columns(first: first, activated: ActivatedColumns(site, mask, source, column))
    }
}

/// Sums over the columns of rows, a vector of lanes for each row.
private protocol RowSums {
    static var rows: Int { get }
    init()
    /// Adds the products of the rows from `row` on with `w`.
    mutating func add<C: ColumnsOfRows>(_ columns: C, _ row: Int, _ w: Vector)
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
    mutating func add<C: ColumnsOfRows>(_ columns: C, _ row: Int, _ w: Vector) {
        let x = columns.row(row)
        #if NAS_FMA && !NAS_AVX512
            total = total.addingProduct(x.lowHalf, w.lowHalf).addingProduct(x.highHalf, w.highHalf)
        #else
            total = multiplyAdd(x, w, total)
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
    mutating func add<C: ColumnsOfRows>(_ columns: C, _ row: Int, _ w: Vector) {
        first.add(columns, row, w)
        second.add(columns, row &+ Half.rows, w)
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
    if let before = product.before {
        let reader = OneInputSums(before, product)
        _ = withSlope(edge, BackwardOfColumn(product: product, reader: reader))
    } else {
        _ = withSlope(edge, BackwardOfColumn(product: product, reader: InputGradient(base: product.dA)))
    }
    biasGradient(product)
}

/// What becomes of dA = dy·wᵀ and the slope, taken in by columns: those from a panel's `column` on.
private protocol GradientReader {
    /// - Parameter first: the panel's first row in A.
    mutating func take<S: Slope>(_ slope: S, _ dy: Float, _ w: Vector, first: Int, row: Int, column: Int)

    /// Called when all rows were taken, every fourth of them by one of four readers.
    static func finish(_ a: Self, _ b: Self, _ c: Self, _ d: Self, _ w: Vector, panel: Int, column: Int)
}

/// It is stored.
private struct InputGradient: GradientReader {
    let base: UnsafeMutablePointer<Float>

    @inline(__always)
    func take<S: Slope>(_ slope: S, _ dy: Float, _ w: Vector, first: Int, row: Int, column: Int) {
        store(slope.times(w * dy, first &+ row, column), base + ((first &+ row) &* panelWidth &+ column))
    }

    @inline(__always)
    static func finish(_: Self, _: Self, _: Self, _: Self, _: Vector, panel: Int, column: Int) {}
}

/// It is added up to the gradients of a layer with one input, and need not be stored.
///
/// w is the same in all rows, and comes in when their sums are complete.
private struct OneInputSums: GradientReader {
    private let layer: OneInputGradients
    private let accumulate: Bool
    private var weighted = Vector()
    private var plain = Vector()

    @inline(__always)
    init(_ layer: OneInputGradients, _ product: ColumnBackward) {
        self.layer = layer
        accumulate = product.accumulate
    }

    @inline(__always)
    mutating func take<S: Slope>(_ slope: S, _ dy: Float, _: Vector, first: Int, row: Int, column: Int) {
        let x = layer.x[row &* layer.stride]
        weighted = slope.adding(dy * x, to: weighted, first &+ row, column)
        plain = slope.adding(dy, to: plain, first &+ row, column)
    }

    @inline(__always)
    static func finish(_ a: Self, _ b: Self, _ c: Self, _ d: Self, _ w: Vector, panel: Int, column: Int) {
        let dW = w * ((a.weighted + b.weighted) + (c.weighted + d.weighted))
        let db = w * ((a.plain + b.plain) + (c.plain + d.plain))
        let place = panel &* panelWidth &+ column
        store(a.accumulate ? load(a.layer.dW + place) + dW : dW, a.layer.dW + place)
        store(a.accumulate ? load(a.layer.db + place) + db : db, a.layer.db + place)
    }
}

/// All gradients in one pass over A, a panel at a time.
private struct BackwardOfColumn<Reader: GradientReader>: SlopeUser {
    let product: ColumnBackward
    let reader: Reader

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

    /// The sums over the rows are four interleaved ones, which do not wait for each other.
    @inline(__always)
    private func reduce<S: Slope>(_ slope: S, _ panel: Int, _ column: Int) {
        let first = panel &* product.rows
        let w = load(product.w + (panel &* panelWidth &+ column))
        var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
        var (e, f, g, h) = (reader, reader, reader, reader)
        var row = 0
        while row &+ 4 <= product.rows {
            step(slope, first, row, column, w, &a, &e)
            step(slope, first, row &+ 1, column, w, &b, &f)
            step(slope, first, row &+ 2, column, w, &c, &g)
            step(slope, first, row &+ 3, column, w, &d, &h)
            row = row &+ 4
        }
        while row < product.rows {
            step(slope, first, row, column, w, &a, &e)
            row = row &+ 1
        }
        var total = (a + b) + (c + d)
        if panel &* panelWidth &+ panelWidth > product.depth {
            // Activations beyond the matrix need not be zero, but the weights there must stay so.
            let used = UInt16(truncatingIfNeeded: (1 &<< (product.depth % panelWidth)) &- 1)
            total = select(lanes(of: used, column: column), total, Vector())
        }
        let target = product.dw + (panel &* panelWidth &+ column)
        store(product.accumulate ? load(target) + total : total, target)
        Reader.finish(e, f, g, h, w, panel: panel, column: column)
    }

    /// One row: its term of dw is added to `sum`, its input gradient handed on.
    @inline(__always)
    private func step<S: Slope>(
        _ slope: S, _ first: Int, _ row: Int, _ column: Int, _ w: Vector, _ sum: inout Vector,
        _ reader: inout Reader
    ) {
        let dy = product.dy[row]
        sum = multiplyAdd(load(product.a + ((first &+ row) &* panelWidth &+ column)), dy, sum)
        reader.take(slope, dy, w, first: first, row: row, column: column)
    }
}

private func biasGradient(_ product: ColumnBackward) {
    let (dy, db, lanes) = (product.dy, product.db, Vector.scalarCount)
    var (even, odd) = (Vector(), Vector())
    var row = 0
    while row &+ 2 &* lanes <= product.rows {
        even += load(dy + row)
        odd += load(dy + (row &+ lanes))
        row = row &+ 2 &* lanes
    }
    var total = sum(even + odd)
    while row < product.rows {
        total += dy[row]
        row = row &+ 1
    }
    db[0] = product.accumulate ? db[0] + total : total
}
