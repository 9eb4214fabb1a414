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

    /// Adds the last two steps and stores the sums through an edge, as the rows from number `row` on, one after the other.
    ///
    /// Stores with too few multiply-adds between them hold up those of the next tile: on Zen 3 twelve in a row take 25
    /// cycles, as long as four steps, one after each of the last step's multiply-adds 20, and as they are here, with
    /// two multiply-adds for each, none.
    mutating func addTwoAndStore<E: TileEdge>(
        _ last: LastSteps, _ stride: Int, _ edge: E, _ row: Int, _ column: Int)

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

/// The last two steps of a tile.
struct LastSteps {
    /// The scalars of each.
    private(set) var first: UnsafePointer<Float>
    private(set) var second: UnsafePointer<Float>
    /// The vector of the first.
    let v: Vector
    /// That of the second, which is read for each row: there are no registers for both.
    let next: UnsafePointer<Float>

    /// - Parameter v: the vector of the first step, behind which is that of the second.
    @inline(__always)
    init(_ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ v: UnsafePointer<Float>) {
        self.first = first
        self.second = second
        self.v = load(v)
        next = v + panelWidth
    }

    /// The same for the scalars that are so much behind.
    @inline(__always)
    func behind(_ offset: Int) -> LastSteps {
        var moved = self
        moved.first += offset
        moved.second += offset
        return moved
    }
}

/// What happens to a row of sums on its way to memory.
protocol TileEdge {
    /// Where the rows of all panels go.
    var c: UnsafeMutablePointer<Float> { get }

    /// Whether the sums are stored as they are.
    static var isPlain: Bool { get }

    /// Whether the sums over each part of a product's inputs are put; else those over all but the last part are stored as
    /// they are, for the next part to begin with.
    static var putsEachPart: Bool { get }

    /// What is stored of the columns from `column` on of row `row`, counted over all panels.
    func value(_ sums: Vector, _ row: Int, _ column: Int) -> Vector

    /// Stores some lanes of ``value(_:_:_:)`` in ``c``, or what else becomes of them elsewhere.
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type)

    /// Asks the cache for what ``finish(_:_:)`` will read besides the sums of `count` rows from number `first` on.
    func ask(_ first: Int, _ count: Int)

    /// Called when all columns of `count` rows from number `first` on have been stored.
    func finish(_ first: Int, _ count: Int)
}

extension TileEdge {
    static var isPlain: Bool {
        @inline(__always) get { false }
    }

    static var putsEachPart: Bool {
        @inline(__always) get { false }
    }

    @inline(__always)
    func value(_ sums: Vector, _ row: Int, _ column: Int) -> Vector { sums }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        L.store(value(sums, row, column), c + (row &* panelWidth &+ column))
    }

    /// Stores what becomes of v · x + sums.
    @inline(__always)
    func addAndStore(_ v: Vector, _ x: Float, _ sums: Vector, _ row: Int, _ column: Int) {
        #if NAS_FMA && !NAS_AVX512
            // A vector is two registers, and each is stored as soon as it is there: on Zen 3, two stores one after the other
            // hold up what follows, a store between multiply-adds does not. The compiler leaves out what nobody stores.
            put(multiplyAdd(v, x, sums), row, column, LowHalf.self)
            put(multiplyAdd(v, x, nas_after_stores16(sums)), row, column, HighHalf.self)
        #else
            put(multiplyAdd(v, x, sums), row, column, AllLanes.self)
        #endif
    }

    @inline(__always)
    func ask(_ first: Int, _ count: Int) {}

    @inline(__always)
    func finish(_ first: Int, _ count: Int) {}
}

/// The lanes of a vector that are stored at once.
protocol StoredLanes {
    static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>)
}

#if NAS_FMA && !NAS_AVX512
    enum LowHalf: StoredLanes {
        @inline(__always)
        static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
            nas_store_low16(vector, pointer)
        }
    }

    enum HighHalf: StoredLanes {
        @inline(__always)
        static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
            nas_store_high16(vector, pointer)
        }
    }
#else
    enum AllLanes: StoredLanes {
        @inline(__always)
        static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
            UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
        }
    }
#endif

/// The sums are stored as they are.
struct PlainEdge: TileEdge {
    let c: UnsafeMutablePointer<Float>

    static var isPlain: Bool {
        @inline(__always) get { true }
    }
}

/// The sums are added to what is there.
struct AddingEdge: TileEdge {
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func value(_ sums: Vector, _ row: Int, _ column: Int) -> Vector {
        load(c + (row &* panelWidth &+ column)) + sums
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
    mutating func addTwoAndStore<E: TileEdge>(
        _ last: LastSteps, _ stride: Int, _ edge: E, _ row: Int, _ column: Int
    ) {
        add(last.first, stride, last.v)
        edge.addAndStore(load(last.next), last.second[0], sum, row, column)
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
    mutating func addTwoAndStore<E: TileEdge>(
        _ last: LastSteps, _ stride: Int, _ edge: E, _ row: Int, _ column: Int
    ) {
        upper.addTwoAndStore(last, stride, edge, row, column)
        lower.addTwoAndStore(last.behind(Upper.rows &* stride), stride, edge, row &+ Upper.rows, column)
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
    mutating func addTwoAndStore<E: TileEdge>(
        _ last: LastSteps, _ stride: Int, _ edge: E, _ row: Int, _ column: Int
    ) {
        sum += last.v
        sum += load(last.next)
        tile.addTwoAndStore(last, stride, edge, row, column)
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

/// The inner loop of all dense products: a sum of outer products but for the last two.
///
/// Every number of a product is one sum in the order of its terms, however the product is divided up: a
/// part that goes on with what is there begins with that.
///
/// - Parameters:
///   - x: the scalars of the first step, `xStride` apart within a step and `step` from one to the next;
///     a new group of `group` steps begins `groupStride` behind the last one's beginning.
///   - steps: at least 2.
///   - v: the vector of the first step; the next step's is a panel's width behind.
/// - Returns: the last two steps, see ``Tile/addTwoAndStore(_:_:_:_:_:)``.
@inline(__always)
func addAllButTwo<T: Tile>(
    _ tile: inout T, _ x: UnsafePointer<Float>, _ xStride: Int, _ step: Int, _ steps: Int, _ group: Int,
    _ groupStride: Int, _ v: UnsafePointer<Float>, _ fetchesAhead: FetchesAhead = .nothing
) -> LastSteps {
    var groupStart = x
    var v = v
    var remaining = steps &- 2
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
        if remaining < group {
            let second = remaining &+ 1 < group ? x + step : groupStart + groupStride
            return LastSteps(x, second, v)
        }
        groupStart += groupStride
        remaining = remaining &- group
    }
}
