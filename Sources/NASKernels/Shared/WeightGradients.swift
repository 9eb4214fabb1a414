import NASKernelInterface

// The first rows of a group of 16, which are 16, 8 + 8 or 5 + 6 + 5: the first tile brings the bias gradient, whose
// sums must find registers too.
#if NAS_AVX512
    typealias FirstTile = SixteenRows
#elseif arch(arm64)
    typealias FirstTile = EightRows
#else
    typealias FirstTile = FiveRows
#endif

#if NAS_AVX512
    // All rows and columns at once: with AVX-512 they are asked for ahead instead.
    private let mostRows = 1 << 32
    let mostGroups = 1 << 32
#else
    // Rows that are added up at a time: 16 columns of A and a panel of dC of so many stay in the first cache while
    // all tiles pass over them. And groups of 16 columns: those of two times so many rows stay in the second one.
    private let mostRows = 256
    let mostGroups = 8
#endif

func weightGradientAll(_ product: WeightGradient) {
    if product.depth == 1 {
        var panel = 0
        while panel < product.panels {
            reduceOneInput(product, panel)
            panel = panel &+ 1
        }
        return
    }
    if product.rows == 1 {
        reduceOneRow(product)
        return
    }
    let done = weightGradientOfNonzeros(product)
    if done == 0, isReducedByStrassen(product) {
        weightGradientByStrassen(product)
        return
    }
    // A constant stride lets the tile address its rows from one register.
    if product.a.rowStride == panelWidth {
        reduceAll(product, panelWidth, done)
    } else {
        reduceAll(product, product.a.rowStride, done)
    }
}

/// All that is left where the groups of 16 columns of A by the first `done` panels of dC are done.
@inline(__always)
private func reduceAll(_ product: WeightGradient, _ rowStride: Int, _ done: Int) {
    let groups = product.depth / panelWidth
    var group = 0
    while group < groups {
        let end = group &+ partOf(groups &- group, mostGroups)
        var panel = done
        while panel < product.panels {
            reduceGroups(product, rowStride, panel, group, end)
            panel = panel &+ 1
        }
        group = end
    }
    var panel = 0
    while panel < product.panels {
        if panel < done || groups == 0 { sumRows(product, panel) }
        reduceRest(product, rowStride, panel, groups)
        panel = panel &+ 1
    }
}

/// Some of the rows, and what their share is added to.
///
/// Sums that are to be added to what is there are kept apart until they are complete.
private struct Part {
    let first: Int
    let rows: Int
    let isLast: Bool
    /// The panel's sums so far, `[depth][16]`, and those of the bias gradient.
    let sums: UnsafeMutablePointer<Float>
    let biasSums: UnsafeMutablePointer<Float>

    @inline(__always)
    init(_ product: WeightGradient, _ panel: Int, _ first: Int, _ rows: Int) {
        self.first = first
        self.rows = rows
        isLast = first &+ rows == product.rows
        if product.accumulate, !isLast || first > 0 {
            sums = product.workingSpace
            biasSums = sums + product.depth &* panelWidth
        } else {
            sums = product.dW + panel &* product.depth &* panelWidth
            biasSums = product.db + panel &* panelWidth
        }
    }
}

/// The groups of 16 columns of A from `firstGroup` to `end`, by one panel of dC; the very first brings the bias
/// gradient.
@inline(__always)
private func reduceGroups(
    _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ firstGroup: Int, _ end: Int
) {
    let most = nearlyEqualPart(of: product.rows, atMost: mostRows)
    var first = 0
    while first < product.rows {
        let left = product.rows &- first
        let part = Part(product, panel, first, left < most ? left : most)
        var group = firstGroup
        while group < end {
            if group == 0 {
                reduceTile(WithSum<FirstTile>.self, product, rowStride, panel, part, 0)
            } else {
                reduceTile(FirstTile.self, product, rowStride, panel, part, group &* panelWidth)
            }
            #if !NAS_AVX512
                let column = group &* panelWidth &+ FirstTile.rows
                #if arch(arm64)
                    reduceTile(EightRows.self, product, rowStride, panel, part, column)
                #else
                    reduceTile(SixRows.self, product, rowStride, panel, part, column)
                    reduceTile(FiveRows.self, product, rowStride, panel, part, column &+ SixRows.rows)
                #endif
            #endif
            group = group &+ 1
        }
        first = first &+ most
    }
}

/// The columns of A from group number `group` on, which do not fill it.
@inline(__always)
private func reduceRest(_ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ group: Int) {
    let part = Part(product, panel, 0, product.rows)
    var column = group &* panelWidth
    #if NAS_AVX512 || arch(arm64)
        column = reduceTiles(EightRows.self, product, rowStride, panel, part, column, product.depth)
    #else
        column = reduceTiles(FiveRows.self, product, rowStride, panel, part, column, product.depth)
    #endif
    column = reduceTiles(FourRows.self, product, rowStride, panel, part, column, product.depth)
    column = reduceTiles(TwoRows.self, product, rowStride, panel, part, column, product.depth)
    if column < product.depth {
        reduceColumn(product, rowStride, panel, group, column &- group &* panelWidth)
    }
}

/// As many tiles as fit between the columns `first` and `end`; returns the column behind them.
@inline(__always)
private func reduceTiles<T: Tile>(
    _: T.Type, _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ part: Part, _ first: Int,
    _ end: Int
) -> Int {
    var from = first
    while from &+ T.rows <= end {
        reduceTile(T.self, product, rowStride, panel, part, from)
        from = from &+ T.rows
    }
    return from
}

/// One tile's columns of a group, from `from` on, and the bias gradient if the tile has it.
@inline(__always)
private func reduceTile<T: Tile>(
    _: T.Type, _ product: WeightGradient, _ rowStride: Int, _ panel: Int, _ part: Part, _ from: Int
) {
    let x =
        product.a.base
        + (from / panelWidth &* product.a.panelStride &+ part.first &* rowStride &+ from % panelWidth)
    let dC = product.dC + (panel &* product.rows &+ part.first) &* panelWidth
    let dW = product.dW + (panel &* product.depth &+ from) &* panelWidth
    let accumulates = product.accumulate && part.isLast
    var column = 0
    while column < panelWidth {
        let sums = part.sums + (from &* panelWidth &+ column)
        var tile = T(part.first > 0 ? .rows(sums) : .row(Vector()))
        let last = addAllButTwo(
            &tile, x, 1, rowStride, part.rows, part.rows, 0, dC + column, .steps)
        let target = part.isLast ? dW : part.sums + from &* panelWidth
        if accumulates {
            tile.addTwoAndStore(last, 1, AddingEdge(c: target), 0, column)
        } else {
            tile.addTwoAndStore(last, 1, PlainEdge(c: target), 0, column)
        }
        if let sum = tile.sumOfVectors {
            let biasSums = part.biasSums + column
            let total = part.first > 0 ? load(biasSums) + sum : sum
            if part.isLast { storeBias(product, panel, column, total) } else { store(total, biasSums) }
        }
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

/// The gradients of a single row, of rank one.
// Rare, and so not worth a place among the others.
@inline(never)
private func reduceOneRow(_ product: WeightGradient) {
    var panel = 0
    while panel < product.panels {
        var column = 0
        while column < panelWidth {
            let gradient = load(product.dC + (panel &* panelWidth &+ column))
            var input = 0
            while input < product.depth {
                let x = product.a.base[input / panelWidth &* product.a.panelStride &+ input % panelWidth]
                let target = product.dW + ((panel &* product.depth &+ input) &* panelWidth &+ column)
                store(product.accumulate ? load(target) + gradient * x : gradient * x, target)
                input = input &+ 1
            }
            storeBias(product, panel, column, gradient)
            column = column &+ Vector.scalarCount
        }
        panel = panel &+ 1
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
func sumRows(_ product: WeightGradient, _ panel: Int) {
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
