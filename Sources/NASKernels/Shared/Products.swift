import NASKernelInterface

// MARK: - Forward and input gradient

/// The loop order keeps one panel of weights in the nearest cache while the rows pass by.
func multiplyAll(_ product: Product, _ edge: Edge) {
    var panel = 0
    while panel < product.panels {
        // A constant stride lets the tile address its rows from one register.
        if product.a.rowStride == panelWidth {
            multiplyPanel(product, panelWidth, panel, edge)
        } else {
            multiplyPanel(product, product.a.rowStride, panel, edge)
        }
        panel = panel &+ 1
    }
}

/// All rows of one panel: in the largest tiles that the registers hold, what is left over in smaller ones.
@inline(__always)
private func multiplyPanel(_ product: Product, _ rowStride: Int, _ panel: Int, _ edge: Edge) {
    var row = 0
    #if NAS_AVX512
        row = multiplyTiles(TwentyFourRows.self, product, rowStride, panel, row, edge)
    #endif
    #if NAS_AVX512 || arch(arm64)
        row = multiplyTiles(TwelveRows.self, product, rowStride, panel, row, edge)
    #endif
    row = multiplyTiles(SixRows.self, product, rowStride, panel, row, edge)
    row = multiplyTiles(ThreeRows.self, product, rowStride, panel, row, edge)
    _ = multiplyTiles(OneRow.self, product, rowStride, panel, row, edge)
}

/// As many tiles as fit from row `first` on; returns the row behind them.
@inline(__always)
private func multiplyTiles<T: Tile>(
    _: T.Type, _ product: Product, _ rowStride: Int, _ panel: Int, _ first: Int, _ edge: Edge
) -> Int {
    var row = first
    while row &+ T.rows <= product.rows {
        let c = product.c + (panel &* product.rows &+ row) &* panelWidth
        var column = 0
        while column < panelWidth {
            sumOfOuterProducts(
                T.self, product.a.base + row &* rowStride, rowStride, 1, product.depth, panelWidth,
                product.a.panelStride,
                product.weights + (panel &* product.depth &* panelWidth &+ column),
                product.bias.map { $0 + (panel &* panelWidth &+ column) }, c + column,
                product.accumulate)
            column = column &+ Vector.scalarCount
        }
        finish(edge, product.c, panel &* product.rows &+ row, T.rows)
        row = row &+ T.rows
    }
    return row
}

/// Applies the edge to `count` rows of 16 columns from number `first` on.
@inline(__always)
func finish(_ edge: Edge, _ c: UnsafeMutablePointer<Float>, _ first: Int, _ count: Int) {
    switch edge {
    case .none: break
    case .activate(let site): activateRows(site, first, count)
    case .differentiate(let site):
        let gradient = c + first &* panelWidth
        differentiateRows(site, first, count, gradient, gradient, false)
    }
}

// MARK: - Weight gradient

/// Units are 16 columns of A by one panel of dC, panel by panel.
func weightGradientUnits(_ product: WeightGradient, _ share: Share) {
    let groups = (product.depth &+ (panelWidth &- 1)) / panelWidth
    let (start, end) = share.range(of: product.panels &* groups)
    var unit = start
    while unit < end {
        let (panel, group) = (unit / groups, unit % groups)
        if product.a.rowStride == panelWidth {
            reduceColumns(product, panelWidth, panel, group)
        } else {
            reduceColumns(product, product.a.rowStride, panel, group)
        }
        if group == 0 { sumRows(product, panel) }
        unit = unit &+ 1
    }
}

/// 16 columns of A, or as many as there are, in tiles.
@inline(__always)
private func reduceColumns(
    _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int
) {
    let left = product.depth &- group &* panelWidth
    let count = left < panelWidth ? left : panelWidth
    var column = 0
    #if NAS_AVX512
        column = reduceTiles(SixteenRows.self, product, rowStride, panel, group, column, count)
    #endif
    #if NAS_AVX512 || arch(arm64)
        column = reduceTiles(EightRows.self, product, rowStride, panel, group, column, count)
    #else
        // A panel's 16 columns are 6 + 5 + 5.
        if count == panelWidth {
            column = reduceTiles(SixRows.self, product, rowStride, panel, group, 0, 6)
        }
        column = reduceTiles(FiveRows.self, product, rowStride, panel, group, column, count)
    #endif
    column = reduceTiles(FourRows.self, product, rowStride, panel, group, column, count)
    column = reduceTiles(TwoRows.self, product, rowStride, panel, group, column, count)
    _ = reduceTiles(OneRow.self, product, rowStride, panel, group, column, count)
}

/// As many tiles as fit between the columns `first` and `end` of a group; returns the column behind them.
@inline(__always)
private func reduceTiles<T: Tile>(
    _: T.Type, _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int,
    _ first: Int, _ end: Int
) -> Int {
    var from = first
    while from &+ T.rows <= end {
        let row = panel &* product.depth &+ group &* panelWidth &+ from
        var column = 0
        while column < panelWidth {
            sumOfOuterProducts(
                T.self, product.a.base + (group &* product.a.panelStride &+ from), 1, rowStride,
                product.rows, product.rows, 0,
                product.dC + (panel &* product.rows &* panelWidth &+ column), nil,
                product.dW + (row &* panelWidth &+ column), product.accumulate)
            column = column &+ Vector.scalarCount
        }
        from = from &+ T.rows
    }
    return from
}

/// The bias gradient of one panel, in four interleaved sums.
private func sumRows(_ product: WeightGradient, _ panel: Int) {
    var column = 0
    while column < panelWidth {
        let from = product.dC + (panel &* product.rows &* panelWidth &+ column)
        var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
        var row = 0
        while row &+ 4 <= product.rows {
            let at = from + row &* panelWidth
            a += load(at)
            b += load(at + panelWidth)
            c += load(at + 2 &* panelWidth)
            d += load(at + 3 &* panelWidth)
            row = row &+ 4
        }
        while row < product.rows {
            a += load(from + row &* panelWidth)
            row = row &+ 1
        }
        let target = product.db + (panel &* panelWidth &+ column)
        let total = (a + b) + (c + d)
        store(product.accumulate ? load(target) + total : total, target)
        column = column &+ Vector.scalarCount
    }
}
