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

    /// Adds the last step and stores the sums through an edge, as the rows from number `row` on, one after the other.
    ///
    /// Stores in a row, without multiply-adds between them, hold up those of the next tile: on Zen 3 twelve of them take
    /// 25 cycles, as long as four steps.
    mutating func addAndStore<E: TileEdge>(
        _ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector, _ edge: E, _ row: Int, _ column: Int)

    /// Σ v over all steps, if the tile adds that up too.
    var sumOfVectors: Vector? { get }
}

extension Tile {
    @inline(__always)
    init(_ beginning: Beginning) {
        switch beginning {
        case .row(let row): self.init(row)
        case .rows(let start): self.init(start)
        }
    }

    var sumOfVectors: Vector? {
        @inline(__always) get { nil }
    }
}

/// What happens to a row of sums on its way to memory.
protocol TileEdge {
    /// Stores the columns from `column` on of row `row`, counted over all panels.
    func store(_ sums: Vector, _ row: Int, _ column: Int)

    /// Stores v · x + sums in the same way.
    func addAndStore(_ v: Vector, _ x: Float, _ sums: Vector, _ row: Int, _ column: Int)

    /// Called when all columns of `count` rows from number `first` on have been stored.
    func finish(_ first: Int, _ count: Int)
}

extension TileEdge {
    @inline(__always)
    func addAndStore(_ v: Vector, _ x: Float, _ sums: Vector, _ row: Int, _ column: Int) {
        store(multiplyAdd(v, x, sums), row, column)
    }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) {}
}

/// The sums are stored as they are.
struct PlainEdge: TileEdge {
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) {
        UnsafeMutableRawPointer(c + (row &* panelWidth &+ column)).storeBytes(of: sums, as: Vector.self)
    }

    #if NAS_FMA
        @inline(__always)
        func addAndStore(_ v: Vector, _ x: Float, _ sums: Vector, _ row: Int, _ column: Int) {
            nas_multiply_add_store16(v, Vector(repeating: x), sums, c + (row &* panelWidth &+ column))
        }
    #endif
}

/// The sums are added to what is there.
struct AddingEdge: TileEdge {
    let plain: PlainEdge

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) {
        plain.store(load(plain.c + (row &* panelWidth &+ column)) + sums, row, column)
    }
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
    mutating func addAndStore<E: TileEdge>(
        _ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector, _ edge: E, _ row: Int, _ column: Int
    ) {
        edge.addAndStore(v, x[0], sum, row, column)
    }
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
    mutating func addAndStore<E: TileEdge>(
        _ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector, _ edge: E, _ row: Int, _ column: Int
    ) {
        upper.addAndStore(x, stride, v, edge, row, column)
        lower.addAndStore(x + Upper.rows &* stride, stride, v, edge, row &+ Upper.rows, column)
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
    mutating func addAndStore<E: TileEdge>(
        _ x: UnsafePointer<Float>, _ stride: Int, _ v: Vector, _ edge: E, _ row: Int, _ column: Int
    ) {
        tile.addAndStore(x, stride, v, edge, row, column)
        sum += v
    }

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

/// What the inner loop asks the cache for before it is read. At the end of an operand that lies behind it, and asking is
/// in vain.
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

/// The inner loop of all dense products: a sum of outer products but for the last one.
///
/// Every number of a product is one sum in the order of its terms, however the product is divided up: a
/// part that goes on with what is there begins with that.
///
/// - Parameters:
///   - x: the scalars of the first step, `xStride` apart within a step and `step` from one to the next;
///     a new group of `group` steps begins `groupStride` behind the last one's beginning.
///   - steps: at least 1.
///   - v: the vector of the first step; the next step's is a panel's width behind.
/// - Returns: the scalars and the vector of the last step, see ``Tile/addAndStore(_:_:_:_:_:_:)``.
@inline(__always)
func addAllButLast<T: Tile>(
    _ tile: inout T, _ x: UnsafePointer<Float>, _ xStride: Int, _ step: Int, _ steps: Int, _ group: Int,
    _ groupStride: Int, _ v: UnsafePointer<Float>, _ fetchesAhead: FetchesAhead = .nothing
) -> (x: UnsafePointer<Float>, v: UnsafePointer<Float>) {
    var groupStart = x
    var v = v
    var remaining = steps &- 1
    while true {
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
        if remaining < group { return (x, v) }
        groupStart += groupStride
        remaining = remaining &- group
    }
}
