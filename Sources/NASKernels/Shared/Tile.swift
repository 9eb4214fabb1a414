import NASIntrinsics

/// Rows of accumulators that stay in registers; bigger tiles are put together from smaller ones.
///
/// A tile is one vector wide: each of its multiply-adds then takes its scalar straight from memory, and
/// there is little else for the processor to decode.
protocol Tile {
    static var rows: Int { get }

    /// All rows begin with the same.
    init(_ row: Vector)

    /// The rows begin with those at `start`, a panel's width apart.
    init(_ start: UnsafePointer<Float>)

    /// Adds x[i·stride] · v to row i.
    mutating func add(_ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector)

    /// Stores the rows, a panel's width apart; on top of what is there where `accumulate`.
    func store(_ c: UnsafeMutablePointer<Float>, _ accumulate: Bool)

    /// Stores the rows from number `row` on through an edge.
    func store<E: TileEdge>(_ edge: E, _ row: Int, _ column: Int)

    /// Σ v over all steps, if the tile adds that up too.
    var sumOfVectors: Vector? { get }
}

extension Tile {
    var sumOfVectors: Vector? {
        @inline(__always) get { nil }
    }
}

/// What happens to a row of sums on its way to memory.
protocol TileEdge {
    /// Stores the columns from `column` on of row `row`, counted over all panels.
    func store(_ sums: Vector, _ row: Int, _ column: Int)

    /// Called when all columns of `count` rows from number `first` on have been stored.
    func finish(_ first: Int, _ count: Int)
}

extension TileEdge {
    @inline(__always)
    func finish(_ first: Int, _ count: Int) {}
}

struct OneRow: Tile {
    private var sum: Vector

    static var rows: Int {
        @inline(__always) get { 1 }
    }

    @inline(__always)
    init(_ row: Vector) { sum = row }

    @inline(__always)
    init(_ start: UnsafePointer<Float>) { sum = load(start) }

    @inline(__always)
    mutating func add(_ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector) {
        sum = multiplyAdd(v, x[0], sum)
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ accumulate: Bool) {
        let result = accumulate ? load(c) + sum : sum
        UnsafeMutableRawPointer(c).storeBytes(of: result, as: Vector.self)
    }

    @inline(__always)
    func store<E: TileEdge>(_ edge: E, _ row: Int, _ column: Int) { edge.store(sum, row, column) }
}

/// One tile above another.
struct Both<Upper: Tile, Lower: Tile>: Tile {
    private var upper: Upper
    private var lower: Lower

    static var rows: Int {
        @inline(__always) get { Upper.rows &+ Lower.rows }
    }

    @inline(__always)
    init(_ row: Vector) {
        upper = Upper(row)
        lower = Lower(row)
    }

    @inline(__always)
    init(_ start: UnsafePointer<Float>) {
        upper = Upper(start)
        lower = Lower(start + Upper.rows &* panelWidth)
    }

    @inline(__always)
    mutating func add(_ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector) {
        upper.add(x, stride, v)
        lower.add(x + Upper.rows &* stride, stride, v)
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ accumulate: Bool) {
        upper.store(c, accumulate)
        lower.store(c + Upper.rows &* panelWidth, accumulate)
    }

    @inline(__always)
    func store<E: TileEdge>(_ edge: E, _ row: Int, _ column: Int) {
        upper.store(edge, row, column)
        lower.store(edge, row &+ Upper.rows, column)
    }
}

/// A tile that also adds up the vectors that it multiplies.
struct WithSum<Rows: Tile>: Tile {
    private var tile: Rows
    private var sum = Vector()

    static var rows: Int {
        @inline(__always) get { Rows.rows }
    }

    @inline(__always)
    init(_ row: Vector) { tile = Rows(row) }

    @inline(__always)
    init(_ start: UnsafePointer<Float>) { tile = Rows(start) }

    @inline(__always)
    mutating func add(_ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector) {
        tile.add(x, stride, v)
        sum += v
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ accumulate: Bool) { tile.store(c, accumulate) }

    @inline(__always)
    func store<E: TileEdge>(_ edge: E, _ row: Int, _ column: Int) { tile.store(edge, row, column) }

    var sumOfVectors: Vector? {
        @inline(__always) get { sum }
    }
}

/// What the sums of a tile begin with.
enum Beginning {
    /// Every row with the same: the bias, or zero.
    case row(Vector)
    /// The rows with those at the place, a panel's width apart: a product that goes on.
    case rows(UnsafePointer<Float>)
}

typealias TwoRows = Both<OneRow, OneRow>
typealias ThreeRows = Both<TwoRows, OneRow>
typealias FourRows = Both<TwoRows, TwoRows>
typealias FiveRows = Both<ThreeRows, TwoRows>
typealias SixRows = Both<ThreeRows, ThreeRows>
typealias EightRows = Both<FourRows, FourRows>
typealias TwelveRows = Both<SixRows, SixRows>
typealias SixteenRows = Both<EightRows, EightRows>
typealias TwentyFourRows = Both<TwelveRows, TwelveRows>

/// What the inner loop asks the cache for before it is read.
enum FetchesAhead {
    case nothing
    /// The scalars and vectors of some steps ahead, with AVX-512: where each step's scalars lie in another line.
    case steps
    /// The same steps of the next tile, which is as many panel rows behind as the tile has.
    case nextTile
}

#if NAS_AVX512
    /// How many steps ahead numbers are asked for.
    private let stepsAhead = 12
#endif

/// A sum of outer products in one tile, see ``addOuterProducts(_:_:_:_:_:_:_:_:_:)``.
///
/// Every number of a product is one sum in the order of its terms, however the product is divided up: a
/// part that goes on with what is there begins with that.
@inline(__always)
func sumOfOuterProducts<T: Tile>(
    _: T.Type, _ x: UnsafePointer<Float>, _ xStride: Int, _ step: Int, _ steps: Int, _ group: Int,
    _ groupStride: Int, _ v: UnsafePointer<Float>, _ beginning: Beginning, _ fetchesAhead: FetchesAhead
) -> T {
    var tile =
        switch beginning {
        case .row(let row): T(row)
        case .rows(let start): T(start)
        }
    addOuterProducts(&tile, x, xStride, step, steps, group, groupStride, v, fetchesAhead)
    return tile
}

/// The inner loop of all dense products.
///
/// - Parameters:
///   - x: the scalars of the first step, `xStride` apart within a step and `step` from one to the next;
///     a new group of `group` steps begins `groupStride` behind the last one's beginning.
///   - v: the vector of the first step; the next step's is a panel's width behind.
@inline(__always)
func addOuterProducts<T: Tile>(
    _ tile: inout T, _ x: UnsafePointer<Float>, _ xStride: Int, _ step: Int, _ steps: Int, _ group: Int,
    _ groupStride: Int, _ v: UnsafePointer<Float>, _ fetchesAhead: FetchesAhead = .nothing
) {
    var groupStart = x
    var v = v
    var remaining = steps
    while remaining > 0 {
        var x = groupStart
        let end = v + (remaining < group ? remaining : group) &* panelWidth
        if fetchesAhead == .nextTile {
            var row = T.rows
            while row < 2 &* T.rows {
                nas_prefetch_read(x + row &* xStride)
                row = row &+ 1
            }
        }
        #if !NAS_AVX512
            // A loop of sixteen steps costs more at its end than four of four, with AVX2.
            while end - v >= 4 &* panelWidth {
                tile.add(x, xStride, load(v))
                tile.add(x + step, xStride, load(v + panelWidth))
                tile.add(x + 2 &* step, xStride, load(v + 2 &* panelWidth))
                tile.add(x + 3 &* step, xStride, load(v + 3 &* panelWidth))
                x += 4 &* step
                v += 4 &* panelWidth
            }
        #endif
        while v < end {
            #if NAS_AVX512
                if fetchesAhead == .steps {
                    nas_prefetch_read(x + stepsAhead &* step)
                    nas_prefetch_read(v + stepsAhead &* panelWidth)
                }
            #endif
            tile.add(x, xStride, load(v))
            x += step
            v += panelWidth
        }
        groupStart += groupStride
        remaining = remaining &- group
    }
}
