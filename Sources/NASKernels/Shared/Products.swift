import NASIntrinsics
import NASKernelInterface

// MARK: - Forward and input gradient

/// The part of the weights that is multiplied at a time: so many inputs, and outputs of so many panels.
let blockDepth = 128
private let blockPanels = 16

/// How many inputs those are at most: fewer where A's panels are a multiple of 4 KB apart. A row of each is then in the
/// same set of the nearest cache, which has eight places; on Zen 3, 128 inputs take 1.02 times as long.
private func greatestDepth(_ product: Product) -> Int {
    weightsStay && product.a.panelStride % 1024 == 0 ? blockDepth / 2 : blockDepth
}

func multiplyAll(_ product: Product, _ edge: Edge) {
    if product.depth == 1 {
        multiplyOneInput(product, edge)
        return
    }
    let panel = multiplyNonzeros(product, edge)
    if panel == product.panels { return }
    if panel == 0, multiplyByStrassen(product, edge) { return }
    let dense = DenseProduct(
        product: product, edge: edge, firstPanel: panel, place: Place(first: 0, stride: product.rows),
        weightRows: product.depth)
    switch edge {
    case .none: dense.runThenFinish()
    case .activate(let site): _ = withActivation(site.activation, ActivatedProduct(dense: dense, site: site))
    case .differentiate(let site): _ = withSlope(site, DifferentiatedProduct(dense: dense))
    }
}

// MARK: - Edges

/// Where the rows of a product go in C: the number of its first, and how many there are from one panel to the next.
struct Place {
    let first: Int
    let stride: Int

    /// The number of a row, counted over all panels of C.
    @inline(__always)
    func number(_ panel: Int, _ row: Int) -> Int { first &+ panel &* stride &+ row }
}

/// The sums are stored, and the edge is a pass of its own over each tile, or over all in a panel where that stays.
struct LateEdge: TileEdge {
    let edge: Edge
    let c: UnsafeMutablePointer<Float>

    static var isPlain: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    func ask(_ first: Int, _ count: Int) { askForRows(edge, first, count) }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) { finishRows(edge, c, first, count) }
}

private struct ActivatedEdge<A: Activation>: TileEdge {
    let pass: ActivatedStore<A>
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func value(_ sums: Vector, _ row: Int, _ column: Int) -> Vector { pass.value(sums, row, column) }
}

private struct DifferentiatedEdge<S: Slope>: TileEdge {
    let slope: S
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func value(_ sums: Vector, _ row: Int, _ column: Int) -> Vector { slope.times(sums, row, column) }
}

private struct ActivatedProduct: ActivationUser {
    let dense: DenseProduct
    let site: ActivationSite

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        // In the tiles only the output is stored.
        if !A.isLight || A.derivativeReadsInput {
            dense.runThenFinish()
        } else if let mask = site.mask {
            dense.run(ActivatedEdge<A>(pass: ActivatedStore(site, mask), c: site.output))
        } else {
            dense.run(ActivatedEdge<A>(pass: ActivatedStore(site, nil), c: site.output))
        }
    }
}

private struct DifferentiatedProduct: SlopeUser {
    let dense: DenseProduct

    @inline(__always)
    func use<S: Slope>(_ slope: S) {
        if !S.isLight {
            dense.runThenFinish()
            return
        }
        dense.run(DifferentiatedEdge(slope: slope, c: dense.product.c))
    }
}

// MARK: - Blocks

// What most rows of a product are computed in.
#if NAS_AVX512
    typealias LargestTile = TwentyFourRows
#elseif arch(arm64)
    typealias LargestTile = TwelveRows
#else
    typealias LargestTile = SixRows
#endif

/// Whether a panel of a block's weights stays in the nearest cache while the rows pass by, which stay in the second one;
/// else a tile of rows does, while the block's weights pass by. The largest tile needs a row of weights and one number of
/// each of its own rows at a time, and that should pass by which is less.
private var weightsStay: Bool {
    @inline(__always) get { LargestTile.rows < panelWidth }
}

/// The panels of a product from `firstPanel` on, whose rows go to a place in C.
struct DenseProduct {
    let product: Product
    let edge: Edge
    let firstPanel: Int
    let place: Place
    /// Rows of each panel of the weights, if these do not lie transposed: the first of them are multiplied by.
    let weightRows: Int

    @inline(never)
    fileprivate func runThenFinish() { run(LateEdge(edge: edge, c: product.c)) }

    @inline(__always)
    fileprivate func run<E: TileEdge>(_ inner: E) { run(inner, LateEdge(edge: edge, c: product.c)) }

    /// - Parameters:
    ///   - inner: the edge as it is applied to the sums of the largest tiles, which are in registers.
    ///   - rest: that of the others.
    @inline(__always)
    func run<E: TileEdge, R: TileEdge>(_ inner: E, _ rest: R) {
        var panel = firstPanel
        while panel < product.panels {
            let left = product.panels &- panel
            let panels = weightsStay ? left : partOf(left, blockPanels)
            var first = 0
            while first < product.depth {
                let depth = partOf(product.depth &- first, greatestDepth(product))
                var start = panel
                while start < panel &+ panels {
                    let block = Block(self, first, depth, start, weightsStay ? 1 : panels)
                    multiply(block, inner, rest)
                    start = block.endPanel
                }
                first = first &+ depth
            }
            panel = panel &+ panels
        }
    }

    @inline(__always)
    private func multiply<E: TileEdge, R: TileEdge>(_ block: Block, _ inner: E, _ rest: R) {
        let end = product.rows &- rowsOfSmallerTiles(product.rows)
        // A constant stride lets the tile address its rows from one register.
        if product.a.rowStride == panelWidth {
            multiplyTiles(LargestTile.self, product, place, panelWidth, block, 0, end, inner)
        } else {
            multiplyTiles(LargestTile.self, product, place, product.a.rowStride, block, 0, end, inner)
        }
        if end < product.rows { multiplyRest(product, place, block, end, rest) }
    }
}

/// How many of so many rows are not in the largest tiles: what these leave over, and with AVX2 as many as one of them has
/// more where else a tile of less than four rows would be left, whose few sums wait for each other.
private func rowsOfSmallerTiles(_ rows: Int) -> Int {
    let left = rows % LargestTile.rows
    #if NAS_AVX512 || arch(arm64)
        return left
    #else
        return 0 < left && left < 4 && rows > LargestTile.rows ? left &+ LargestTile.rows : left
    #endif
}

/// All that is left, if it is not much more than a block.
func partOf(_ left: Int, _ block: Int) -> Int { left <= block &+ block / 2 ? left : block }

/// The size of as few parts as there can be of at most `most`, of which only the last is smaller.
func nearlyEqualPart(of count: Int, atMost most: Int) -> Int {
    let parts = (count &+ most &- 1) / most
    return (count &+ parts &- 1) / parts
}

/// A part of the weights: inputs from `first` on, outputs from panel `panel` on; of one panel where that stays.
private struct Block {
    let first: Int
    let depth: Int
    let panel: Int
    let endPanel: Int
    /// Whether its inputs are the last ones.
    let isLast: Bool
    /// Its weights, which are put in order in the working space where they lie transposed: those of a panel are in one
    /// piece, and so far behind that of the panel before.
    let weights: UnsafePointer<Float>
    let weightStride: Int
    /// The weights that come when the rows have passed by, as they lie: 16 rows in one piece, and so far behind them
    /// the next 16.
    let next: UnsafePointer<Float>
    let nextStride: Int
    /// How many rows of them, in each panel, each of the largest tiles asks for, as nobody foresees the jump.
    let rowsAhead: Int

    @inline(__always)
    init(_ dense: DenseProduct, _ first: Int, _ depth: Int, _ panel: Int, _ panels: Int) {
        let (product, rows) = (dense.product, dense.weightRows)
        self.first = first
        self.depth = depth
        self.panel = panel
        endPanel = panel &+ panels
        isLast = first &+ depth == product.depth
        // What follows: with panels that stay, all of them and then further inputs; else all inputs and then further panels.
        let nextFirst: Int
        let nextPanel: Int
        if weightsStay {
            nextFirst = endPanel < product.panels ? first : first &+ depth
            nextPanel = endPanel < product.panels ? endPanel : 0
        } else {
            nextFirst = isLast ? 0 : first &+ depth
            nextPanel = isLast ? endPanel : panel
        }
        let nextDepth = partOf(product.depth &- nextFirst, greatestDepth(product))
        let isAsked: Bool
        switch product.weights {
        case .panels(let all):
            weights = all + (panel &* rows &+ first) &* panelWidth
            weightStride = rows &* panelWidth
            next = all + (nextPanel &* rows &+ nextFirst) &* panelWidth
            nextStride = panelWidth &* panelWidth
            isAsked = true
        case .transposed(let all, let columns):
            weightStride = (depth &+ (panelWidth &- 1)) / panelWidth &* panelWidth &* panelWidth
            transposeWeights(
                all, columns, first, depth, panel, panels, product.workingSpace, panelWidth, weightStride)
            weights = UnsafePointer(product.workingSpace)
            next = all + (nextFirst / panelWidth &* columns &+ nextPanel &* panelWidth) &* panelWidth
            nextStride = columns &* panelWidth
            isAsked = weightsStay
        }
        let tiles = product.rows / LargestTile.rows
        let hasNext = nextFirst < product.depth && nextPanel < product.panels
        let asks = isAsked && hasNext && tiles > 0 && asksAhead(product)
        rowsAhead = asks ? (nextDepth &+ tiles &- 1) / tiles : 0
    }
}

/// Whether to ask for weights ahead: from 128 KB of them on where a panel stays, as asking was measured to take longer
/// than it saves for 64 KB; else from 512 KB on, which leave the second cache between two steps, and on Intel, as it
/// was measured to gain on Emerald Rapids and to lose on Zen 4.
private func asksAhead(_ product: Product) -> Bool {
    let rows = product.depth &* product.panels
    return weightsStay ? rows >= 1 << 11 : rows > 1 << 13 && nas_is_intel() != 0
}

/// The rows from number `first` on, in smaller tiles, then the edge.
@inline(never)
private func multiplyRest<E: TileEdge>(
    _ product: Product, _ place: Place, _ block: Block, _ first: Int, _ edge: E
) {
    let (stride, end) = (product.a.rowStride, product.rows)
    var row = first
    #if NAS_AVX512
        row = multiplyTiles(SixteenRows.self, product, place, stride, block, row, end, edge)
    #endif
    #if NAS_AVX512 || arch(arm64)
        row = multiplyTiles(EightRows.self, product, place, stride, block, row, end, edge)
    #endif
    if (end &- row) % 4 == 1, end &- row > 4 {
        row = multiplyTiles(FiveRows.self, product, place, stride, block, row, row &+ FiveRows.rows, edge)
    }
    row = multiplyTiles(FourRows.self, product, place, stride, block, row, end, edge)
    row = multiplyTiles(ThreeRows.self, product, place, stride, block, row, end, edge)
    row = multiplyTiles(TwoRows.self, product, place, stride, block, row, end, edge)
    multiplyTiles(OneRow.self, product, place, stride, block, row, end, edge)
}

/// As many tiles as fit between the rows `first` and `end`; returns the row behind them.
@inline(__always)
@discardableResult
private func multiplyTiles<T: Tile, E: TileEdge>(
    _: T.Type, _ product: Product, _ place: Place, _ rowStride: Int, _ block: Block, _ first: Int,
    _ end: Int, _ edge: E
) -> Int {
    var row = first
    if weightsStay {
        while row &+ T.rows <= end {
            multiplyTile(T.self, product, place, rowStride, block, row, block.panel, edge)
            row = row &+ T.rows
        }
        if block.isLast, row > first { edge.finish(place.number(block.panel, first), row &- first) }
    } else {
        while row &+ T.rows <= end {
            var panel = block.panel
            while panel < block.endPanel {
                multiplyTile(T.self, product, place, rowStride, block, row, panel, edge)
                if block.isLast { edge.finish(place.number(panel, row), T.rows) }
                panel = panel &+ 1
            }
            row = row &+ T.rows
        }
    }
    return row
}

@inline(__always)
private func multiplyTile<T: Tile, E: TileEdge>(
    _: T.Type, _ product: Product, _ place: Place, _ rowStride: Int, _ block: Block, _ row: Int,
    _ panel: Int, _ edge: E
) {
    let x = product.a.base + row &* rowStride + block.first / panelWidth &* product.a.panelStride
    let continues = product.accumulate || block.first > 0 && !E.putsEachPart
    let firstRow = place.number(panel, row)
    let w = block.weights + (panel &- block.panel) &* block.weightStride
    if T.rows == LargestTile.rows, block.rowsAhead > 0 { askAhead(block, panel, row) }
    if block.isLast { edge.ask(firstRow, T.rows) }
    var column = 0
    while column < panelWidth {
        let bias = product.bias.map { load($0 + (panel &* panelWidth &+ column)) }
        var tile = T(
            continues ? .rows(product.c + (firstRow &* panelWidth &+ column)) : .row(bias ?? Vector()))
        let last = addAllButTwo(
            &tile, x, rowStride, 1, block.depth, panelWidth, product.a.panelStride, w + column,
            weightsStay ? .nextTile : .nothing)
        if E.isPlain || E.putsEachPart || block.isLast {
            tile.addTwoAndStore(last, rowStride, edge, firstRow, column)
        } else {
            tile.addTwoAndStore(last, rowStride, PlainEdge(c: product.c), firstRow, column)
        }
        column = column &+ Vector.scalarCount
    }
}

/// Asks for a part of the weights that come next in a panel; `row` is the first of a largest tile.
// A function of its own: inlined, it slows down the products that do not ask.
@inline(never)
private func askAhead(_ block: Block, _ panel: Int, _ row: Int) {
    let next = block.next + (panel &- block.panel) &* block.weightStride
    var number = row / LargestTile.rows &* block.rowsAhead
    let end = number &+ block.rowsAhead
    while number < end {
        let (group, place) = (number / panelWidth, number % panelWidth)
        nas_prefetch_second(next + (group &* block.nextStride &+ place &* panelWidth))
        number = number &+ 1
    }
}

/// Asks for what ``finishRows(_:_:_:_:)`` will read besides C: what a derivative is computed from is far away.
@inline(__always)
func askForRows(_ edge: Edge, _ first: Int, _ count: Int) {
    guard case .differentiate(let site) = edge else { return }
    var row = first
    while row < first &+ count {
        nas_prefetch_read(site.input + row &* panelWidth)
        row = row &+ 1
    }
}

/// Applies the edge to `count` rows of 16 columns from number `first` on.
@inline(__always)
func finishRows(_ edge: Edge, _ c: UnsafeMutablePointer<Float>, _ first: Int, _ count: Int) {
    switch edge {
    case .none: break
    case .activate(let site): activateRows(site, first, count)
    case .differentiate(let site):
        let gradient = c + first &* panelWidth
        differentiateRows(site, first, count, gradient, gradient, false)
    }
}
