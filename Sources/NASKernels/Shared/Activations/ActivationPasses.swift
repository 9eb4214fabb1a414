import NASKernelInterface

// MARK: - Forward

/// Where an activation's input comes from.
protocol ActivationSource {
    associatedtype Columns: ActivationColumns

    /// Those from `column` on.
    func columns(_ column: Int) -> Columns
}

/// A vector's width of columns of an ``ActivationSource``.
protocol ActivationColumns {
    /// Row `row` of a site.
    func input(_ row: Int) -> Vector

    /// Whether nobody has stored the input yet.
    static var isNew: Bool { get }
}

/// What a product has left in the site.
private struct StoredInput: ActivationSource, ActivationColumns {
    let base: UnsafePointer<Float>

    static var isNew: Bool {
        @inline(__always) get { false }
    }

    @inline(__always)
    func columns(_ column: Int) -> StoredInput { StoredInput(base: base + column) }

    @inline(__always)
    func input(_ row: Int) -> Vector { load(base + row &* panelWidth) }
}

/// Activation and dropout over rows `first` … `first + count` of a site.
func activateRows(_ site: ActivationSite, _ first: Int, _ count: Int) {
    activateRows(site, first, count, StoredInput(base: site.input))
}

/// The same of another input.
@inline(__always)
func activateRows<Source: ActivationSource>(
    _ site: ActivationSite, _ first: Int, _ count: Int, _ source: Source
) {
    _ = withActivation(
        site.activation, ForwardPass(site: site, first: first, count: count, source: source))
}

private struct ForwardPass<Source: ActivationSource>: ActivationUser {
    let site: ActivationSite
    let first: Int
    let count: Int
    let source: Source

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        if let mask = site.mask {
            pass(A.self, mask)
        } else {
            pass(A.self, nil)
        }
    }

    @inline(__always)
    private func pass<A: Activation>(_: A.Type, _ mask: UnsafePointer<UInt16>?) {
        var column = 0
        while column < panelWidth {
            let columns = ActivatedColumns<A, _>(site, mask, source.columns(column), column)
            var row = first
            while row < first &+ count {
                _ = columns.row(row)
                row = row &+ 1
            }
            column = column &+ Vector.scalarCount
        }
    }
}

/// A vector's width of columns behind activation and dropout.
struct ActivatedColumns<A: Activation, Source: ActivationColumns> {
    private let pass: ActivatedStore<A>
    private let source: Source
    private let column: Int

    /// - Parameter mask: the site's, or nil where that is known to be nil.
    @inline(__always)
    init(_ site: ActivationSite, _ mask: UnsafePointer<UInt16>?, _ source: Source, _ column: Int) {
        pass = ActivatedStore(site, mask)
        self.source = source
        self.column = column
    }

    /// Computes, stores and returns them.
    @inline(__always)
    func row(_ row: Int) -> Vector { pass.store(source.input(row), row, column, isNew: Source.isNew) }
}

/// Activation and dropout of a vector on its way to memory.
struct ActivatedStore<A: Activation> {
    private let site: ActivationSite
    private let mask: UnsafePointer<UInt16>?
    private let scale: Vector

    /// - Parameter mask: the site's, or nil where that is known to be nil.
    @inline(__always)
    init(_ site: ActivationSite, _ mask: UnsafePointer<UInt16>?) {
        self.site = site
        self.mask = mask
        scale = Vector(repeating: site.scale)
    }

    /// Stores what becomes of the columns from `column` on of row `row` of the site, and returns it.
    ///
    /// - Parameter isNew: whether `x` is not in the site yet; it is put there if the derivative reads it.
    @inline(__always)
    func store(_ x: Vector, _ row: Int, _ column: Int, isNew: Bool) -> Vector {
        let place = row &* panelWidth &+ column
        if isNew, A.derivativeReadsInput {
            UnsafeMutableRawPointer(site.input + place).storeBytes(of: x, as: Vector.self)
        }
        let y = value(x, row, column)
        UnsafeMutableRawPointer(site.output + place).storeBytes(of: y, as: Vector.self)
        return y
    }

    /// The same, but stored nowhere.
    @inline(__always)
    func value(_ x: Vector, _ row: Int, _ column: Int) -> Vector {
        let y = A.value(x)
        guard let mask else { return y }
        return select(lanes(of: mask[row], column: column), y * scale, Vector())
    }
}

// MARK: - Backward

/// The derivative of what stands between two products, element by element.
protocol Slope {
    /// Whether that is so few operations that it is compiled into the tiles of products.
    static var isLight: Bool { get }

    /// dy · f′ · mask in the columns from `column` on of row `row` of the site.
    func times(_ dy: Vector, _ row: Int, _ column: Int) -> Vector

    /// The same of one dy for all columns, on top of `sum`.
    func adding(_ dy: Float, to sum: Vector, _ row: Int, _ column: Int) -> Vector
}

/// Nothing stands there.
struct NoSlope: Slope {
    static var isLight: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    func times(_ dy: Vector, _ row: Int, _ column: Int) -> Vector { dy }

    @inline(__always)
    func adding(_ dy: Float, to sum: Vector, _ row: Int, _ column: Int) -> Vector { sum + dy }
}

private struct PlainSlope<A: Activation>: Slope {
    static var isLight: Bool {
        @inline(__always) get { !A.derivativeReadsInput }
    }

    private let saved: UnsafePointer<Float>

    @inline(__always)
    init(_ site: ActivationSite) {
        saved = UnsafePointer(A.derivativeReadsInput ? site.input : site.output)
    }

    @inline(__always)
    func times(_ dy: Vector, _ row: Int, _ column: Int) -> Vector {
        let x = load(saved + row &* panelWidth + column)
        return A.isStep ? select(isNonzero(x), dy, Vector()) : dy * A.derivative(x)
    }

    @inline(__always)
    func adding(_ dy: Float, to sum: Vector, _ row: Int, _ column: Int) -> Vector {
        if A.isStep { return sum + times(Vector(repeating: dy), row, column) }
        return multiplyAdd(A.derivative(load(saved + row &* panelWidth + column)), dy, sum)
    }
}

private struct MaskedSlope<A: Activation>: Slope {
    static var isLight: Bool {
        @inline(__always) get { !A.derivativeReadsInput }
    }

    private let saved: UnsafePointer<Float>
    private let mask: UnsafePointer<UInt16>
    private let scale: Vector
    private let unscale: Vector

    @inline(__always)
    init(_ site: ActivationSite, _ mask: UnsafePointer<UInt16>) {
        saved = UnsafePointer(A.derivativeReadsInput ? site.input : site.output)
        self.mask = mask
        scale = Vector(repeating: site.scale)
        // A kept output was scaled by dropout: this takes it back.
        unscale = Vector(repeating: A.derivativeReadsInput ? 1 : 1 / site.scale)
    }

    @inline(__always)
    func times(_ dy: Vector, _ row: Int, _ column: Int) -> Vector {
        let x = load(saved + row &* panelWidth + column)
        if A.isStep { return select(isNonzero(x), dy * scale, Vector()) }
        let slope = A.derivative(x * unscale) * scale
        return select(lanes(of: mask[row], column: column), dy * slope, Vector())
    }

    @inline(__always)
    func adding(_ dy: Float, to sum: Vector, _ row: Int, _ column: Int) -> Vector {
        if A.isStep { return sum + times(Vector(repeating: dy), row, column) }
        let x = load(saved + row &* panelWidth + column)
        let slope = A.derivative(x * unscale) * scale
        let kept = select(lanes(of: mask[row], column: column), slope, Vector())
        return multiplyAdd(kept, dy, sum)
    }
}

/// Something to be done with one slope, whichever it is.
protocol SlopeUser {
    associatedtype Result
    func use<S: Slope>(_ slope: S) -> Result
}

/// Hands the derivative of a site to `user`; nil if there is no such activation.
@inline(__always)
func withSlope<User: SlopeUser>(_ site: ActivationSite, _ user: User) -> User.Result? {
    withActivation(site.activation, SlopeOfActivation(site: site, user: user))
}

/// Hands the derivative of an edge to `user`: none where nothing is differentiated.
@inline(__always)
func withSlope<User: SlopeUser>(_ edge: Edge, _ user: User) -> User.Result? {
    switch edge {
    case .differentiate(let site): withSlope(site, user)
    case .none, .activate: user.use(NoSlope())
    }
}

private struct SlopeOfActivation<User: SlopeUser>: ActivationUser {
    let site: ActivationSite
    let user: User

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) -> User.Result {
        if let mask = site.mask { return user.use(MaskedSlope<A>(site, mask)) }
        return user.use(PlainSlope<A>(site))
    }
}

/// dx = dy · f′ · mask over rows `first` … `first + count`; `dy` and `dx` point to the first of them and may
/// be equal.
func differentiateRows(
    _ site: ActivationSite, _ first: Int, _ count: Int, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ accumulate: Bool
) {
    _ = withSlope(
        site, BackwardPass(first: first, count: count, dy: dy, dx: dx, accumulate: accumulate))
}

private struct BackwardPass: SlopeUser {
    let first: Int
    let count: Int
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    let accumulate: Bool

    @inline(__always)
    func use<S: Slope>(_ slope: S) {
        var row = 0
        while row < count {
            var column = 0
            while column < panelWidth {
                let offset = row &* panelWidth &+ column
                let gradient = slope.times(load(dy + offset), first &+ row, column)
                store(accumulate ? load(dx + offset) + gradient : gradient, dx + offset)
                column = column &+ Vector.scalarCount
            }
            row = row &+ 1
        }
    }
}
