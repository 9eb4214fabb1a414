import NASKernelInterface

// The first rows of a panel of a weight gradient, whose 16 are 16, 8 + 8 or 6 + 5 + 5.
#if NAS_AVX512
    private typealias FirstTile = SixteenRows
#elseif arch(arm64)
    private typealias FirstTile = EightRows
#else
    private typealias FirstTile = SixRows
#endif

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
