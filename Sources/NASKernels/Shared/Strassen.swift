import NASKernelInterface

// Wide products as seven products of halves of their rows, depth and columns instead of eight, one level of Winograd's
// form of Strassen's algorithm (Higham, Accuracy and Stability of Numerical Algorithms, chapter 23). A layer's forward
// product and its input gradient take forms that multiply by the same sums of quarters of its weights, W for one and Wᵀ
// for the other, so that these sums are made once a step for both and for all blocks of rows.

// MARK: - Where it is used

/// From which depth and width on it was measured to gain, which nobody has with AVX-512 and on arm64.
#if NAS_AVX512 || arch(arm64)
    private let leastWidth = Int.max
#else
    private let leastWidth = 256
#endif

/// From how many rows on it was, where sums of the weights are needed: with 160, it gains less than these take.
let leastRowsOfStrassen = 240

/// The quarters must be of whole panels, without columns beyond the matrix: these would not stay zero.
func hasQuarters(_ depth: Int, _ width: Int) -> Bool {
    let isWide = depth >= leastWidth && width >= leastWidth
    return isWide && depth % (2 &* panelWidth) == 0 && width % (2 &* panelWidth) == 0
}

/// Whether rows in panels can be halved, and there is working space for the sums.
func canBeHalved(_ a: Operand, _ rows: Int) -> Bool {
    rows % 2 == 0 && rows <= greatestBlock && a.rowStride == panelWidth
}

// MARK: - Quarters

/// U₁ = W₂₁ + W₂₂, U₂ = U₁ − W₁₁, U₃ = W₁₁ − W₂₁ and U₄ = W₁₂ − U₂, each a matrix of half the depth and panels.
func sumQuartersOf(
    _ weights: UnsafePointer<Float>, _ depth: Int, _ panels: Int, _ sums: UnsafeMutablePointer<Float>
) {
    let (length, half) = (depth / 2 &* panelWidth, panels / 2)
    var panel = 0
    while panel < half {
        let left = weights + panel &* 2 &* length
        let right = left + half &* 2 &* length
        let to = sums + panel &* length
        var place = 0
        while place < length {
            let (w11, w12) = (load(left + place), load(right + place))
            let (w21, w22) = (load(left + (length &+ place)), load(right + (length &+ place)))
            let u1 = w21 + w22
            let u2 = u1 - w11
            store(u1, to + place)
            store(u2, to + (half &* length &+ place))
            store(w11 - w21, to + (2 &* half &* length &+ place))
            store(w12 - u2, to + (3 &* half &* length &+ place))
            place = place &+ Vector.scalarCount
        }
        panel = panel &+ 1
    }
}

/// Weights that lie among others.
private struct WeightQuarter {
    let weights: Weights
    /// See ``DenseProduct/weightRows``.
    let rows: Int
}

/// A layer's weights in quarters, as a product reads them.
private struct QuarteredWeights {
    private let weights: UnsafePointer<Float>
    private let sums: UnsafePointer<Float>
    private let inputs: Int
    private let outputs: Int
    private let areTransposed: Bool

    init(_ product: Product, _ sums: UnsafePointer<Float>) {
        self.sums = sums
        switch product.weights {
        case .panels(let weights):
            self.weights = weights
            inputs = product.depth
            outputs = product.panels &* panelWidth
            areTransposed = false
        case .transposed(let weights, let columns):
            self.weights = weights
            inputs = columns
            outputs = product.depth
            areTransposed = true
        }
    }

    /// Half `i` of the inputs, by half `j` of the outputs: Wᵢⱼ, or its transpose.
    func quarter(_ i: Int, _ j: Int) -> WeightQuarter {
        let base = weights + ((j &- 1) &* (outputs / 2) &* inputs &+ (i &- 1) &* (inputs / 2) &* panelWidth)
        return matrix(base, inputs: inputs)
    }

    /// Uₙ, or its transpose.
    func sum(_ n: Int) -> WeightQuarter {
        matrix(sums + (n &- 1) &* (inputs / 2) &* (outputs / 2), inputs: inputs / 2)
    }

    /// - Parameter inputs: of the matrix in which the quarter lies.
    private func matrix(_ base: UnsafePointer<Float>, inputs: Int) -> WeightQuarter {
        WeightQuarter(
            weights: areTransposed ? .transposed(base, columns: inputs) : .panels(base), rows: inputs)
    }
}

/// A block of activations, or of their gradients, in panels, by quarters.
struct QuarteredBlock {
    private let whole: Operand
    private let rows: Int
    private let columns: Int
    private let workingSpace: UnsafeMutablePointer<Float>

    /// - Parameter workingSpace: room for ``sum``.
    init(_ whole: Operand, rows: Int, columns: Int, workingSpace: UnsafeMutablePointer<Float>) {
        self.whole = whole
        self.rows = rows / 2
        self.columns = columns / 2
        self.workingSpace = workingSpace
    }

    /// Half `i` of the rows, half `j` of the columns.
    func quarter(_ i: Int, _ j: Int) -> Operand {
        let panels = (j &- 1) &* (columns / panelWidth)
        return Operand(
            base: whole.base + ((i &- 1) &* rows &* panelWidth &+ panels &* whole.panelStride),
            rowStride: panelWidth, panelStride: whole.panelStride)
    }

    /// The sum that was made last.
    var sum: Operand {
        Operand(base: workingSpace, rowStride: panelWidth, panelStride: rows &* panelWidth)
    }

    /// The end of its room.
    var endOfSum: UnsafeMutablePointer<Float> { workingSpace + rows &* columns }

    /// Makes ``sum``, an S or T of the formulas, x + sign · y, of which one may be the last one.
    func makeSum(_ x: Operand, _ y: Operand, sign: Float = -1) {
        let length = rows &* panelWidth
        var panel = 0
        while panel &* panelWidth < columns {
            let (from, other) = (x.base + panel &* x.panelStride, y.base + panel &* y.panelStride)
            let to = workingSpace + panel &* length
            var place = 0
            while place < length {
                store(multiplyAdd(load(other + place), sign, load(from + place)), to + place)
                place = place &+ Vector.scalarCount
            }
            panel = panel &+ 1
        }
    }
}

// MARK: - Forward and input gradient

/// C = A·W + bias, where ``Product/quarterSums`` are given.
///
/// - Returns: false, and nothing is done, where that is not possible or not worth it.
func multiplyByStrassen(_ product: Product, _ edge: Edge) -> Bool {
    guard let sums = product.quarterSums, !product.accumulate, product.rows >= leastRowsOfStrassen,
        canBeHalved(product.a, product.rows)
    else { return false }
    let strassen = StrassenProduct(product, edge)
    let weights = QuarteredWeights(product, sums)
    switch product.weights {
    case .panels: strassen.forward(weights)
    case .transposed: strassen.inputGradient(weights)
    }
    return true
}

private struct StrassenProduct {
    private let product: Product
    private let edge: Edge
    private let a: QuarteredBlock

    init(_ product: Product, _ edge: Edge) {
        self.product = product
        self.edge = edge
        a = QuarteredBlock(
            product.a, rows: product.rows, columns: product.depth, workingSpace: product.workingSpace)
    }

    /// C = A·W + b, with S₁ = A₂₁ + A₂₂, S₂ = S₁ − A₁₂, S₃ = A₂₂ − A₁₂, S₄ = A₁₁ − S₂ and M = A₁₂·W₂₂ + S₂·U₂:
    ///
    ///     C₁₁ = S₁·U₁ − M + S₄·W₁₁            C₁₂ = A₁₁·W₁₂ + A₁₂·W₂₂
    ///     C₂₁ = S₁·U₁ − M − S₃·U₃             C₂₂ = M + A₂₁·U₄ + S₃·U₃
    ///
    /// C₂₂ gets its bias when M has gone to the others.
    func forward(_ w: QuarteredWeights) {
        multiply(a.quarter(1, 1), w.quarter(1, 2), c(1, 2), bias(2))
        multiplyForTwo(a.quarter(1, 2), w.quarter(2, 2), c(2, 2), andComplete: c(1, 2))
        a.makeSum(a.quarter(2, 1), a.quarter(2, 2), sign: 1)
        multiply(a.sum, w.sum(1), c(2, 1), bias(1))
        a.makeSum(a.sum, a.quarter(1, 2))
        multiplyForThree(
            a.sum, w.sum(2), c(2, 2), bias(2), sign: -1, addTo: c(2, 1), andStore: c(1, 1))
        a.makeSum(a.quarter(1, 1), a.sum)
        multiplyAndComplete(a.sum, w.quarter(1, 1), c(1, 1))
        add(a.quarter(2, 1), w.sum(4), c(2, 2))
        a.makeSum(a.quarter(2, 2), a.quarter(1, 2))
        multiplyAndCompleteBoth(a.sum, w.sum(3), c(2, 1), sign: -1, c(2, 2))
    }

    /// C = A·Wᵀ, with S₁ = A₂₁ − A₁₁, S₂ = A₂₂ − S₁, S₃ = A₂₂ − A₂₁, S₄ = A₁₂ − S₂ and M = A₁₁·W₁₁ᵀ + S₂·U₂ᵀ:
    ///
    ///     C₁₁ = A₁₁·W₁₁ᵀ + A₁₂·W₁₂ᵀ           C₁₂ = M + S₄·W₂₂ᵀ + S₃·U₃ᵀ
    ///     C₂₁ = M + S₁·U₁ᵀ + A₂₂·U₄ᵀ          C₂₂ = M + S₁·U₁ᵀ + S₃·U₃ᵀ
    func inputGradient(_ w: QuarteredWeights) {
        multiply(a.quarter(1, 2), w.quarter(1, 2), c(1, 1), nil)
        multiplyForTwo(a.quarter(1, 1), w.quarter(1, 1), c(1, 2), andComplete: c(1, 1))
        a.makeSum(a.quarter(2, 1), a.quarter(1, 1))
        multiply(a.sum, w.sum(1), c(2, 2), nil)
        a.makeSum(a.quarter(2, 2), a.sum)
        multiplyForThree(a.sum, w.sum(2), c(1, 2), nil, sign: 1, addTo: c(2, 2), andStore: c(2, 1))
        a.makeSum(a.quarter(1, 2), a.sum)
        add(a.sum, w.quarter(2, 2), c(1, 2))
        multiplyAndComplete(a.quarter(2, 2), w.sum(4), c(2, 1))
        a.makeSum(a.quarter(2, 2), a.quarter(2, 1))
        multiplyAndCompleteBoth(a.sum, w.sum(3), c(2, 2), sign: 1, c(1, 2))
    }

    private func c(_ i: Int, _ j: Int) -> Place {
        Place(
            first: (i &- 1) &* (product.rows / 2) &+ (j &- 1) &* (product.panels / 2) &* product.rows,
            stride: product.rows)
    }

    /// Half `j` of the bias.
    private func bias(_ j: Int) -> UnsafePointer<Float>? {
        product.bias.map { $0 + (j &- 1) &* (product.panels / 2) &* panelWidth }
    }

    private func dense(
        _ a: Operand, _ w: WeightQuarter, _ place: Place, _ bias: UnsafePointer<Float>? = nil,
        accumulate: Bool = false
    ) -> DenseProduct {
        DenseProduct(
            product: Product(
                a: a, depth: product.depth / 2, weights: w.weights, bias: bias, c: product.c,
                rows: product.rows / 2, panels: product.panels / 2, accumulate: accumulate,
                workingSpace: self.a.endOfSum),
            edge: edge, firstPanel: 0, place: place, weightRows: w.rows)
    }

    private func multiply(
        _ a: Operand, _ w: WeightQuarter, _ place: Place, _ bias: UnsafePointer<Float>?
    ) {
        runPlain(dense(a, w, place, bias))
    }

    private func add(_ a: Operand, _ w: WeightQuarter, _ place: Place) {
        runPlain(dense(a, w, place, accumulate: true))
    }

    @inline(never)
    private func runPlain(_ dense: DenseProduct) {
        let plain = PlainEdge(c: product.c)
        dense.run(plain, plain)
    }

    /// Adds a quarter's last product.
    @inline(never)
    private func multiplyAndComplete(_ a: Operand, _ w: WeightQuarter, _ place: Place) {
        let late = LateEdge(edge: edge, c: product.c)
        dense(a, w, place, accumulate: true).run(late, late)
    }

    /// Stores a product that is another quarter's last one too.
    @inline(never)
    private func multiplyForTwo(_ a: Operand, _ w: WeightQuarter, _ place: Place, andComplete other: Place) {
        let both = ForTwo(c: product.c, edge: edge, other: other.first &- place.first)
        dense(a, w, place).run(both, both)
    }

    /// Adds a product to what is there, and that to `second`, which is stored in `third` too; then comes the bias.
    @inline(never)
    private func multiplyForThree(
        _ a: Operand, _ w: WeightQuarter, _ place: Place, _ bias: UnsafePointer<Float>?, sign: Float,
        addTo second: Place, andStore third: Place
    ) {
        let three = ForThree(
            c: product.c, place: place, bias: bias, sign: sign, second: second.first &- place.first,
            third: third.first &- place.first)
        dense(a, w, place, accumulate: true).run(three, three)
    }

    /// Adds the last product of two quarters.
    @inline(never)
    private func multiplyAndCompleteBoth(
        _ a: Operand, _ w: WeightQuarter, _ place: Place, sign: Float, _ other: Place
    ) {
        let both = CompleteBoth(c: product.c, edge: edge, sign: sign, other: other.first &- place.first)
        dense(a, w, place).run(both, both)
    }
}

// MARK: - Edges

// Other quarters are so many rows behind.

private struct ForTwo: TileEdge {
    let c: UnsafeMutablePointer<Float>
    let edge: Edge
    let other: Int

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let place = c + (row &* panelWidth &+ column)
        let second = place + other &* panelWidth
        L.store(load(second) + sums, second)
        L.store(sums, place)
    }

    @inline(__always)
    func ask(_ first: Int, _ count: Int) { askForRows(edge, first &+ other, count) }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) { finishRows(edge, c, first &+ other, count) }
}

private struct ForThree: TileEdge {
    let c: UnsafeMutablePointer<Float>
    let place: Place
    let bias: UnsafePointer<Float>?
    let sign: Float
    let second: Int
    let third: Int

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let place = c + (row &* panelWidth &+ column)
        let total = multiplyAdd(sums, sign, load(place + second &* panelWidth))
        L.store(total, place + second &* panelWidth)
        L.store(total, place + third &* panelWidth)
        L.store(sums, place)
    }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) {
        guard let bias else { return }
        let panel = (first &- place.first) / place.stride
        var column = 0
        while column < panelWidth {
            let b = load(bias + (panel &* panelWidth &+ column))
            var row = first
            while row < first &+ count {
                let place = c + (row &* panelWidth &+ column)
                store(load(place) + b, place)
                row = row &+ 1
            }
            column = column &+ Vector.scalarCount
        }
    }
}

private struct CompleteBoth: TileEdge {
    let c: UnsafeMutablePointer<Float>
    let edge: Edge
    let sign: Float
    let other: Int

    // The sums are nowhere by themselves.
    static var putsEachPart: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let place = c + (row &* panelWidth &+ column)
        let second = place + other &* panelWidth
        L.store(multiplyAdd(sums, sign, load(place)), place)
        L.store(load(second) + sums, second)
    }

    @inline(__always)
    func ask(_ first: Int, _ count: Int) {
        askForRows(edge, first, count)
        askForRows(edge, first &+ other, count)
    }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) {
        finishRows(edge, c, first, count)
        finishRows(edge, c, first &+ other, count)
    }
}
