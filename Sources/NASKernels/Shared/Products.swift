import NASKernelInterface

// MARK: - Forward and input gradient

/// The part of the weights that is multiplied at a time, 128 × 256 numbers: it stays in the second cache
/// while the rows pass by.
private let blockDepth = 128
private let blockPanels = 16

func multiplyAll(_ product: Product, _ edge: Edge) {
    if product.depth == 1, !product.accumulate {
        multiplyOneInput(product, edge)
        return
    }
    let panel = multiplyNonzeros(product, edge)
    if panel == product.panels { return }
    let dense = DenseProduct(product: product, edge: edge, firstPanel: panel)
    switch edge {
    case .none: dense.runThenFinish()
    case .activate(let site): _ = withActivation(site.activation, ActivatedProduct(dense: dense, site: site))
    case .differentiate(let site): _ = withSlope(site, DifferentiatedProduct(dense: dense))
    }
}

// MARK: - Edges

private struct PlainEdge: TileEdge {
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) {
        UnsafeMutableRawPointer(c + (row &* panelWidth &+ column)).storeBytes(of: sums, as: Vector.self)
    }
}

/// The sums are stored, and the edge is a pass of its own over each tile.
private struct LateEdge: TileEdge {
    let edge: Edge
    let plain: PlainEdge

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) { plain.store(sums, row, column) }

    @inline(__always)
    func finish(_ first: Int, _ count: Int) { finishRows(edge, plain.c, first, count) }
}

private struct ActivatedEdge<A: Activation>: TileEdge {
    let pass: ActivatedStore<A>

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) { _ = pass.store(sums, row, column, isNew: true) }
}

private struct DifferentiatedEdge<S: Slope>: TileEdge {
    let slope: S
    let plain: PlainEdge

    @inline(__always)
    func store(_ sums: Vector, _ row: Int, _ column: Int) {
        plain.store(slope.times(sums, row, column), row, column)
    }
}

private struct ActivatedProduct: ActivationUser {
    let dense: DenseProduct
    let site: ActivationSite

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        if !A.isLight {
            dense.runThenFinish()
        } else if let mask = site.mask {
            dense.run(ActivatedEdge<A>(pass: ActivatedStore(site, mask)))
        } else {
            dense.run(ActivatedEdge<A>(pass: ActivatedStore(site, nil)))
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
        dense.run(DifferentiatedEdge(slope: slope, plain: PlainEdge(c: dense.product.c)))
    }
}

// MARK: - Blocks

// What most rows of a product are computed in, and the first rows of a panel of a weight gradient, whose 16 are
// 16, 8 + 8 or 6 + 5 + 5.
#if NAS_AVX512
    private typealias LargestTile = TwentyFourRows
    private typealias FirstTile = SixteenRows
#elseif arch(arm64)
    private typealias LargestTile = TwelveRows
    private typealias FirstTile = EightRows
#else
    private typealias LargestTile = SixRows
    private typealias FirstTile = SixRows
#endif

/// The panels of a product from `firstPanel` on.
private struct DenseProduct {
    let product: Product
    let edge: Edge
    let firstPanel: Int

    @inline(never)
    func runThenFinish() { run(LateEdge(edge: edge, plain: PlainEdge(c: product.c))) }

    /// Rows pass by outermost, so that a tile of A stays in the nearest cache while the weights stream past it
    /// in order, which the processor foresees.
    ///
    /// - Parameter inner: the edge as it is applied to the sums of the largest tiles, which are in registers.
    @inline(__always)
    func run<E: TileEdge>(_ inner: E) {
        var panel = firstPanel
        while panel < product.panels {
            let panels = partOf(product.panels &- panel, blockPanels)
            var first = 0
            while first < product.depth {
                let depth = partOf(product.depth &- first, blockDepth)
                let block = Block(first: first, depth: depth, panel: panel, endPanel: panel &+ panels)
                // A constant stride lets the tile address its rows from one register.
                let row =
                    product.a.rowStride == panelWidth
                    ? multiplyTiles(LargestTile.self, product, panelWidth, block, 0, inner)
                    : multiplyTiles(LargestTile.self, product, product.a.rowStride, block, 0, inner)
                if row < product.rows { multiplyRest(product, block, row, edge) }
                first = first &+ depth
            }
            panel = panel &+ panels
        }
    }
}

/// All that is left, if it is not much more than a block.
private func partOf(_ left: Int, _ block: Int) -> Int { left <= block &+ block / 2 ? left : block }

/// A part of the weights: inputs from `first` on, outputs from panel `panel` on.
private struct Block {
    let first: Int
    let depth: Int
    let panel: Int
    let endPanel: Int
}

/// The rows from number `first` on, which are too few for the largest tile: in smaller ones, then the edge.
@inline(never)
private func multiplyRest(_ product: Product, _ block: Block, _ first: Int, _ edge: Edge) {
    let late = LateEdge(edge: edge, plain: PlainEdge(c: product.c))
    var row = first
    #if NAS_AVX512
        row = multiplyTiles(SixteenRows.self, product, product.a.rowStride, block, row, late)
    #endif
    #if NAS_AVX512 || arch(arm64)
        row = multiplyTiles(EightRows.self, product, product.a.rowStride, block, row, late)
    #endif
    row = multiplyTiles(FourRows.self, product, product.a.rowStride, block, row, late)
    row = multiplyTiles(TwoRows.self, product, product.a.rowStride, block, row, late)
    _ = multiplyTiles(OneRow.self, product, product.a.rowStride, block, row, late)
}

/// As many tiles as fit from row `first` on; returns the row behind them.
@inline(__always)
private func multiplyTiles<T: Tile, E: TileEdge>(
    _: T.Type, _ product: Product, _ rowStride: Int, _ block: Block, _ first: Int, _ edge: E
) -> Int {
    var row = first
    while row &+ T.rows <= product.rows {
        multiplyTileRow(T.self, product, rowStride, block, row, edge)
        row = row &+ T.rows
    }
    return row
}

@inline(__always)
private func multiplyTileRow<T: Tile, E: TileEdge>(
    _: T.Type, _ product: Product, _ rowStride: Int, _ block: Block, _ row: Int, _ edge: E
) {
    let x = product.a.base + row &* rowStride + block.first / panelWidth &* product.a.panelStride
    let continues = product.accumulate || block.first > 0
    let isLast = block.first &+ block.depth == product.depth
    var panel = block.panel
    while panel < block.endPanel {
        let c = product.c + (panel &* product.rows &+ row) &* panelWidth
        let w = product.weights + (panel &* product.depth &+ block.first) &* panelWidth
        var column = 0
        while column < panelWidth {
            let bias = product.bias.map { load($0 + (panel &* panelWidth &+ column)) }
            let sums = sumOfOuterProducts(
                T.self, x, rowStride, 1, block.depth, panelWidth, product.a.panelStride, w + column,
                continues ? .rows(c + column) : .row(bias ?? Vector()))
            if isLast {
                sums.store(edge, panel &* product.rows &+ row, column)
            } else {
                sums.store(c + column, false)
            }
            column = column &+ Vector.scalarCount
        }
        if isLast { edge.finish(panel &* product.rows &+ row, T.rows) }
        panel = panel &+ 1
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

// MARK: - Weight gradient

/// 16 columns of A by one panel of dC at a time.
func weightGradientAll(_ product: WeightGradient) {
    let done = weightGradientOfNonzeros(product)
    var panel = 0
    while panel < product.panels {
        if product.depth == 1 {
            reduceOneInput(product, panel)
            panel = panel &+ 1
            continue
        }
        var group = panel < done ? product.depth / panelWidth : 0
        while group &* panelWidth < product.depth {
            if product.a.rowStride == panelWidth {
                reduceColumns(product, panelWidth, panel, group)
            } else {
                reduceColumns(product, product.a.rowStride, panel, group)
            }
            group = group &+ 1
        }
        if panel < done || product.depth < panelWidth { sumRows(product, panel) }
        panel = panel &+ 1
    }
}

/// 16 columns of A, or as many as there are, in tiles; the first whole tile brings the bias gradient.
@inline(__always)
private func reduceColumns(
    _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int
) {
    let left = product.depth &- group &* panelWidth
    let count = left < panelWidth ? left : panelWidth
    var column = 0
    if count == panelWidth {
        if group == 0 {
            reduceTile(WithSum<FirstTile>.self, product, rowStride, panel, group, 0)
        } else {
            reduceTile(FirstTile.self, product, rowStride, panel, group, 0)
        }
        column = FirstTile.rows
    }
    #if NAS_AVX512 || arch(arm64)
        column = reduceTiles(EightRows.self, product, rowStride, panel, group, column, count)
    #else
        column = reduceTiles(FiveRows.self, product, rowStride, panel, group, column, count)
    #endif
    column = reduceTiles(FourRows.self, product, rowStride, panel, group, column, count)
    column = reduceTiles(TwoRows.self, product, rowStride, panel, group, column, count)
    if column < count { reduceColumn(product, rowStride, panel, group, column) }
}

/// As many tiles as fit between the columns `first` and `end` of a group; returns the column behind them.
@inline(__always)
private func reduceTiles<T: Tile>(
    _: T.Type, _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int,
    _ first: Int, _ end: Int
) -> Int {
    var from = first
    while from &+ T.rows <= end {
        reduceTile(T.self, product, rowStride, panel, group, from)
        from = from &+ T.rows
    }
    return from
}

/// One tile's columns of a group, from `from` on, and the bias gradient if the tile has it.
@inline(__always)
private func reduceTile<T: Tile>(
    _: T.Type, _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int, _ from: Int
) {
    let row = panel &* product.depth &+ group &* panelWidth &+ from
    var column = 0
    while column < panelWidth {
        let tile = sumOfOuterProducts(
            T.self, product.a.base + (group &* product.a.panelStride &+ from), 1, rowStride,
            product.rows, product.rows, 0,
            product.dC + (panel &* product.rows &* panelWidth &+ column), .row(Vector()),
            fetchesAhead: true)
        tile.store(product.dW + (row &* panelWidth &+ column), product.accumulate)
        if let sum = tile.sumOfVectors { storeBias(product, panel, column, sum) }
        column = column &+ Vector.scalarCount
    }
}

/// A single column of A, in four interleaved sums that do not wait for each other.
private func reduceColumn(
    _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int, _ from: Int
) {
    let x = product.a.base + (group &* product.a.panelStride &+ from)
    let row = panel &* product.depth &+ group &* panelWidth &+ from
    var column = 0
    while column < panelWidth {
        let gradient = product.dC + (panel &* product.rows &* panelWidth &+ column)
        let total = bothSums(gradient, x, rowStride, product.rows).weighted
        let target = product.dW + (row &* panelWidth &+ column)
        store(product.accumulate ? load(target) + total : total, target)
        column = column &+ Vector.scalarCount
    }
}

/// The weight and bias gradients of one panel of a layer with one input, in one pass over dC.
private func reduceOneInput(_ product: WeightGradient, _ panel: Int) {
    var column = 0
    while column < panelWidth {
        let from = product.dC + (panel &* product.rows &* panelWidth &+ column)
        let (weighted, plain) = bothSums(
            from, product.a.base, product.a.rowStride, product.rows)
        let dW = product.dW + (panel &* panelWidth &+ column)
        store(product.accumulate ? load(dW) + weighted : weighted, dW)
        storeBias(product, panel, column, plain)
        column = column &+ Vector.scalarCount
    }
}

/// Σ x[r·stride] · v[r] and Σ v[r] over the rows of a panel, every fourth of them in one sum.
@inline(__always)
private func bothSums(
    _ v: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ stride: Int, _ rows: Int
) -> (weighted: Vector, plain: Vector) {
    var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
    var (e, f, g, h) = (Vector(), Vector(), Vector(), Vector())
    var row = 0
    while row &+ 4 <= rows {
        let (at, scalar) = (v + row &* panelWidth, x + row &* stride)
        let (first, second) = (load(at), load(at + panelWidth))
        let (third, fourth) = (load(at + 2 &* panelWidth), load(at + 3 &* panelWidth))
        a = multiplyAdd(first, scalar[0], a)
        b = multiplyAdd(second, scalar[stride], b)
        c = multiplyAdd(third, scalar[2 &* stride], c)
        d = multiplyAdd(fourth, scalar[3 &* stride], d)
        e += first
        f += second
        g += third
        h += fourth
        row = row &+ 4
    }
    while row < rows {
        let last = load(v + row &* panelWidth)
        a = multiplyAdd(last, x[row &* stride], a)
        e += last
        row = row &+ 1
    }
    return ((a + b) + (c + d), (e + f) + (g + h))
}

/// Σ v[r] over the rows of a panel, every fourth of them in one sum.
@inline(__always)
private func plainSum(_ v: UnsafePointer<Float>, _ rows: Int) -> Vector {
    var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
    var row = 0
    while row &+ 4 <= rows {
        let at = v + row &* panelWidth
        a += load(at)
        b += load(at + panelWidth)
        c += load(at + 2 &* panelWidth)
        d += load(at + 3 &* panelWidth)
        row = row &+ 4
    }
    while row < rows {
        a += load(v + row &* panelWidth)
        row = row &+ 1
    }
    return (a + b) + (c + d)
}

/// The bias gradient of one panel.
private func sumRows(_ product: WeightGradient, _ panel: Int) {
    var column = 0
    while column < panelWidth {
        let from = product.dC + (panel &* product.rows &* panelWidth &+ column)
        storeBias(product, panel, column, plainSum(from, product.rows))
        column = column &+ Vector.scalarCount
    }
}

@inline(__always)
private func storeBias(_ product: WeightGradient, _ panel: Int, _ column: Int, _ total: Vector) {
    let target = product.db + (panel &* panelWidth &+ column)
    store(product.accumulate ? load(target) + total : total, target)
}
