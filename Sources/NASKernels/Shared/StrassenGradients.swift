import NASKernelInterface

/// From how many rows on it was measured to gain where no sums of weights are needed.
private let leastRows = 128

/// Whether ``weightGradientByStrassen(_:)`` is possible and worth it.
func isReducedByStrassen(_ product: WeightGradient) -> Bool {
    product.allowsQuarters && product.rows >= leastRows && canBeHalved(product.a, product.rows)
        && hasQuarters(product.depth, product.panels &* panelWidth)
}

/// dW = Aᵀ·dC and db = Σ dC by seven products of halves, see `Strassen.swift`.
func weightGradientByStrassen(_ product: WeightGradient) {
    StrassenGradient(product).run()
    var panel = 0
    while panel < product.panels {
        sumRows(product, panel)
        panel = panel &+ 1
    }
}

private struct StrassenGradient {
    private let product: WeightGradient
    private let a: QuarteredBlock
    private let dC: QuarteredBlock
    /// Halves.
    private let depth: Int
    private let panels: Int
    /// Sums that go on, each as big as a quarter of dW, which is added to only when they are complete: so that it does not
    /// matter whether this block's gradient or another thread's is added.
    private let first: UnsafeMutablePointer<Float>
    private let second: UnsafeMutablePointer<Float>

    init(_ product: WeightGradient) {
        self.product = product
        depth = product.depth / 2
        panels = product.panels / 2
        a = QuarteredBlock(
            product.a, rows: product.rows, columns: product.depth, workingSpace: product.workingSpace)
        let operand = Operand(
            base: product.dC, rowStride: panelWidth, panelStride: product.rows &* panelWidth)
        dC = QuarteredBlock(
            operand, rows: product.rows, columns: product.panels &* panelWidth, workingSpace: a.endOfSum)
        first = dC.endOfSum
        second = first + panels &* depth &* panelWidth
    }

    /// With S₁ = A₁₂ + A₂₂, S₂ = S₁ − A₁₁, S₃ = A₁₁ − A₁₂, S₄ = A₂₁ − S₂, with T₁ = dC₁₂ − dC₁₁, T₂ = dC₂₂ − T₁,
    /// T₃ = dC₂₂ − dC₁₂, T₄ = dC₂₁ − T₂ and M = A₁₁ᵀ·dC₁₁ + S₂ᵀ·T₂:
    ///
    ///     dW₁₁ = A₁₁ᵀ·dC₁₁ + A₂₁ᵀ·dC₂₁        dW₁₂ = M + S₁ᵀ·T₁ + S₄ᵀ·dC₂₂
    ///     dW₂₁ = M + A₂₂ᵀ·T₄ + S₃ᵀ·T₃         dW₂₂ = M + S₁ᵀ·T₁ + S₃ᵀ·T₃
    func run() {
        reduce(a.quarter(2, 1), dC.quarter(2, 1), Keep(c: first))
        reduce(a.quarter(1, 1), dC.quarter(1, 1), KeepAndComplete(c: first, dW: dW(1, 1)))
        a.makeSum(a.quarter(1, 2), a.quarter(2, 2), sign: 1)
        dC.makeSum(dC.quarter(1, 2), dC.quarter(1, 1))
        reduce(a.sum, dC.sum, Keep(c: second))
        a.makeSum(a.sum, a.quarter(1, 1))
        dC.makeSum(dC.quarter(2, 2), dC.sum)
        reduce(a.sum, dC.sum, from: first, KeepAndAdd(c: first, other: second))
        a.makeSum(a.quarter(2, 1), a.sum)
        reduce(a.sum, dC.quarter(2, 2), from: second, Complete(c: second, dW: dW(1, 2)))
        dC.makeSum(dC.quarter(2, 1), dC.sum)
        reduce(a.quarter(2, 2), dC.sum, from: first, Keep(c: first))
        a.makeSum(a.quarter(1, 1), a.quarter(1, 2))
        dC.makeSum(dC.quarter(2, 2), dC.quarter(1, 2))
        reduce(a.sum, dC.sum, CompleteBoth(c: first, other: second, dW: dW(2, 1), otherDW: dW(2, 2)))
    }

    private func dW(_ i: Int, _ j: Int) -> Target {
        let place = (j &- 1) &* panels &* product.depth &+ (i &- 1) &* depth
        return Target(base: product.dW + place &* panelWidth, accumulate: product.accumulate)
    }

    /// Puts the product of two quarters, on top of the sums at `start`, through an edge.
    // A function for each edge, not for each call.
    @inline(never)
    private func reduce<E: QuarterEdge>(
        _ a: Operand, _ dC: Operand, from start: UnsafeMutablePointer<Float>? = nil, _ edge: E
    ) {
        let groups = depth / panelWidth
        var group = 0
        while group < groups {
            let end = group &+ partOf(groups &- group, mostGroups)
            var panel = 0
            while panel < panels {
                // Rows of dW lie as far behind those of a quarter as there are rows of quarters before.
                let moved = edge.movingTargets(by: panel &* depth &* panelWidth)
                reduceGroups(a, dC.base + panel &* dC.panelStride, panel, group, end, start, moved)
                panel = panel &+ 1
            }
            group = end
        }
    }

    @inline(__always)
    private func reduceGroups<E: TileEdge>(
        _ a: Operand, _ dC: UnsafePointer<Float>, _ panel: Int, _ first: Int, _ end: Int,
        _ start: UnsafeMutablePointer<Float>?, _ edge: E
    ) {
        var group = first
        while group < end {
            let x = a.base + group &* a.panelStride
            let row = panel &* depth &+ group &* panelWidth
            reduceTile(FirstTile.self, x, dC, row, start, edge)
            #if arch(arm64)
                reduceTile(EightRows.self, x + FirstTile.rows, dC, row &+ FirstTile.rows, start, edge)
            #elseif !NAS_AVX512
                reduceTile(SixRows.self, x + FirstTile.rows, dC, row &+ FirstTile.rows, start, edge)
                let last = FirstTile.rows &+ SixRows.rows
                reduceTile(FiveRows.self, x + last, dC, row &+ last, start, edge)
            #endif
            group = group &+ 1
        }
    }

    @inline(__always)
    private func reduceTile<T: Tile, E: TileEdge>(
        _: T.Type, _ x: UnsafePointer<Float>, _ dC: UnsafePointer<Float>, _ row: Int,
        _ start: UnsafeMutablePointer<Float>?, _ edge: E
    ) {
        let steps = product.rows / 2
        var column = 0
        while column < panelWidth {
            var tile = T(start.map { .rows($0 + (row &* panelWidth &+ column)) } ?? .row(Vector()))
            let last = addAllButTwo(&tile, x, 1, panelWidth, steps, steps, 0, dC + column, .steps)
            tile.addTwoAndStore(last, 1, edge, row, column)
            column = column &+ Vector.scalarCount
        }
    }
}

// MARK: - Edges

// Rows are counted over the panels of a quarter.

/// A quarter of dW, seen from the panel at hand.
private struct Target {
    private var base: UnsafeMutablePointer<Float>
    private let accumulate: Bool

    init(base: UnsafeMutablePointer<Float>, accumulate: Bool) {
        self.base = base
        self.accumulate = accumulate
    }

    @inline(__always)
    func moved(by offset: Int) -> Target { Target(base: base + offset, accumulate: accumulate) }

    /// Stores complete sums, or adds them to what is there.
    @inline(__always)
    func complete<L: StoredLanes>(_ sums: Vector, _ offset: Int, _: L.Type) {
        L.store(accumulate ? load(base + offset) + sums : sums, base + offset)
    }
}

private protocol QuarterEdge: TileEdge {
    func movingTargets(by offset: Int) -> Self
}

/// The sums are kept.
private struct Keep: QuarterEdge {
    let c: UnsafeMutablePointer<Float>

    @inline(__always)
    func movingTargets(by offset: Int) -> Keep { self }
}

/// Sums that are complete.
private struct Complete: QuarterEdge {
    let c: UnsafeMutablePointer<Float>
    let dW: Target

    @inline(__always)
    func movingTargets(by offset: Int) -> Complete { Complete(c: c, dW: dW.moved(by: offset)) }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        dW.complete(sums, row &* panelWidth &+ column, L.self)
    }
}

/// What is there is complete with the sums, whose place these take.
private struct KeepAndComplete: QuarterEdge {
    let c: UnsafeMutablePointer<Float>
    let dW: Target

    @inline(__always)
    func movingTargets(by offset: Int) -> KeepAndComplete {
        KeepAndComplete(c: c, dW: dW.moved(by: offset))
    }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let offset = row &* panelWidth &+ column
        dW.complete(load(c + offset) + sums, offset, L.self)
        L.store(sums, c + offset)
    }
}

/// The sums are kept, and added to others.
private struct KeepAndAdd: QuarterEdge {
    let c: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>

    @inline(__always)
    func movingTargets(by offset: Int) -> KeepAndAdd { self }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let offset = row &* panelWidth &+ column
        L.store(load(other + offset) + sums, other + offset)
        L.store(sums, c + offset)
    }
}

/// Both that are there are complete with the sums.
private struct CompleteBoth: QuarterEdge {
    let c: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>
    let dW: Target
    let otherDW: Target

    @inline(__always)
    func movingTargets(by offset: Int) -> CompleteBoth {
        CompleteBoth(c: c, other: other, dW: dW.moved(by: offset), otherDW: otherDW.moved(by: offset))
    }

    @inline(__always)
    func put<L: StoredLanes>(_ sums: Vector, _ row: Int, _ column: Int, _: L.Type) {
        let offset = row &* panelWidth &+ column
        dW.complete(load(c + offset) + sums, offset, L.self)
        otherDW.complete(load(other + offset) + sums, offset, L.self)
    }
}
