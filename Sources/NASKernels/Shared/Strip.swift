import NASIntrinsics

/// Columns of one row, spread over panels, whose sums stay in registers: what a ``Tile`` is to rows.
protocol Strip {
    static var panels: Int { get }

    /// All columns begin with zero.
    init()

    /// The columns begin with those at `start`, a panel's every `stride` floats.
    init(_ start: UnsafePointer<Float>, _ stride: Int)

    /// Adds x · v, whose panels follow each other without a gap.
    mutating func add(_ x: Vector, _ v: UnsafePointer<Float>)

    /// Stores the columns, a panel's every `stride` floats; on top of what is there where `accumulate`.
    func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool)

    /// Asks for the columns at `start` to be fetched to the nearest cache.
    static func prefetch(_ start: UnsafePointer<Float>, _ stride: Int)
}

struct OnePanel: Strip {
    private var sum: Vector
    #if !NAS_FMA
        private var right: Vector
    #endif

    static var panels: Int {
        @inline(__always) get { 1 }
    }

    @inline(__always)
    init() {
        sum = Vector()
        #if !NAS_FMA
            right = Vector()
        #endif
    }

    @inline(__always)
    init(_ start: UnsafePointer<Float>, _ stride: Int) {
        sum = load(start)
        #if !NAS_FMA
            right = load(start + Vector.scalarCount)
        #endif
    }

    @inline(__always)
    mutating func add(_ x: Vector, _ v: UnsafePointer<Float>) {
        sum = multiplyAdd(x, load(v), sum)
        #if !NAS_FMA
            right = multiplyAdd(x, load(v + Vector.scalarCount), right)
        #endif
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool) {
        let result = accumulate ? load(c) + sum : sum
        UnsafeMutableRawPointer(c).storeBytes(of: result, as: Vector.self)
        #if !NAS_FMA
            let at = c + Vector.scalarCount
            let second = accumulate ? load(at) + right : right
            UnsafeMutableRawPointer(at).storeBytes(of: second, as: Vector.self)
        #endif
    }

    @inline(__always)
    static func prefetch(_ start: UnsafePointer<Float>, _ stride: Int) { nas_prefetch(start) }
}

/// One strip to the left of another.
struct Beside<Left: Strip, Right: Strip>: Strip {
    private var left: Left
    private var right: Right

    static var panels: Int {
        @inline(__always) get { Left.panels &+ Right.panels }
    }

    @inline(__always)
    init() {
        left = Left()
        right = Right()
    }

    @inline(__always)
    init(_ start: UnsafePointer<Float>, _ stride: Int) {
        left = Left(start, stride)
        right = Right(start + Left.panels &* stride, stride)
    }

    @inline(__always)
    mutating func add(_ x: Vector, _ v: UnsafePointer<Float>) {
        left.add(x, v)
        right.add(x, v + Left.panels &* panelWidth)
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool) {
        left.store(c, stride, accumulate)
        right.store(c + Left.panels &* stride, stride, accumulate)
    }

    @inline(__always)
    static func prefetch(_ start: UnsafePointer<Float>, _ stride: Int) {
        Left.prefetch(start, stride)
        Right.prefetch(start + Left.panels &* stride, stride)
    }
}

typealias TwoPanels = Beside<OnePanel, OnePanel>
typealias FourPanels = Beside<TwoPanels, TwoPanels>
typealias EightPanels = Beside<FourPanels, FourPanels>

// Eight accumulators hide the latency of a multiply-add; half as many still gain.
#if NAS_AVX512
    typealias WidestStrip = EightPanels
    typealias NarrowStrip = FourPanels
#elseif NAS_FMA || arch(arm64)
    typealias WidestStrip = FourPanels
    typealias NarrowStrip = TwoPanels
#else
    typealias WidestStrip = TwoPanels
    typealias NarrowStrip = OnePanel
#endif
