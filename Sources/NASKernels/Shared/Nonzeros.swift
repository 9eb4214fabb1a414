import NASIntrinsics
import NASKernelInterface

// ReLU and dropout make half to four fifths of the numbers of a layer's output, and of its gradient,
// exact zeros. The products below go from one non-zero of A to the next and leave the others out: what
// they leave out would add nothing, and the rest is added in the same order, so that the result is that
// of the dense product bit for bit (save that 0 · ∞ is 0, and that bias gradients are added up in four sums).

/// How much of A is multiplied at a time: the scalars of so many steps fill the bits of a word, and with them
/// a strip of the other operand stays in the nearest cache.
private let steps = 64

/// Rows of A that are read at a time.
private let rowsAtOnce = 12

/// The least depth and rows for which looking for zeros is worth it.
private let leastSteps = 32

/// A non-zero costs more here than a number does in a tile, and more so the narrower the strip: up to these
/// shares of non-zeros, skipping was measured to be faster.
enum GreatestShare {
    static let product = 0.58
    static let weightGradient = 0.5
    #if NAS_AVX512
        static let narrowProduct = 0.48
        static let narrowWeightGradient = 0.42
    #else
        static let narrowProduct = 0.27
        static let narrowWeightGradient = 0.27
    #endif
}

/// The working space of a product, divided up.
private struct WorkingSpace {
    /// The other operand's vectors of each step, a strip's panels side by side.
    let strips: UnsafeMutablePointer<Float>
    /// Where those of each step begin. Looked up, as an address that is computed in each multiply-add
    /// costs an operation there.
    let starts: UnsafeMutablePointer<UnsafePointer<Float>>
    /// Of each row, the scalars of all steps.
    let scalars: UnsafeMutablePointer<Float>
    /// Of each row, a bit per step whose scalar is not zero.
    let bits: UnsafeMutablePointer<UInt64>
    /// A strip of dW.
    let sums: UnsafeMutablePointer<Float>

    /// The same memory, by halves of a word.
    var halves: UnsafeMutablePointer<UInt32> {
        @inline(__always) get {
            UnsafeMutableRawPointer(bits).assumingMemoryBound(to: UInt32.self)
        }
    }

    @inline(__always)
    init<S: Strip>(_ base: UnsafeMutablePointer<Float>, _: S.Type) {
        strips = base
        scalars = strips + steps &* WidestStrip.panels &* panelWidth
        let words = scalars + steps &* rowsAtOnce
        bits = UnsafeMutableRawPointer(words).assumingMemoryBound(to: UInt64.self)
        starts = UnsafeMutableRawPointer(bits + panelWidth)
            .assumingMemoryBound(to: UnsafePointer<Float>.self)
        sums = base + productWorkingSpace(width: 0)
        var step = 0
        while step < steps {
            starts[step] = UnsafePointer(strips + step &* S.panels &* panelWidth)
            step = step &+ 1
        }
    }

    /// Puts the panels' vectors of `count` steps side by side.
    @inline(__always)
    func fill(_ source: UnsafePointer<Float>, _ panelStride: Int, _ panels: Int, _ count: Int) {
        var panel = 0
        while panel < panels {
            let from = source + panel &* panelStride
            let to = strips + panel &* panelWidth
            var step = 0
            while step < count {
                copyPanelRow(from + step &* panelWidth, to + step &* panels &* panelWidth)
                step = step &+ 1
            }
            panel = panel &+ 1
        }
    }

    /// Adds x[k·stride] · strip k for all k whose bit is set.
    @inline(__always)
    func add<S: Strip>(_ sums: inout S, _ bits: UInt64, _ x: UnsafePointer<Float>, _ stride: Int) {
        var bits = bits
        while bits != 0 {
            let step = bits.trailingZeroBitCount
            bits &= bits &- 1
            sums.add(Vector(repeating: x[step &* stride]), starts[step])
        }
    }
}

@inline(__always)
private func copyPanelRow(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
    var column = 0
    while column < panelWidth {
        store(load(from + column), to + column)
        column = column &+ Vector.scalarCount
    }
}

/// The share of non-zeros in A, `(rows, depth)` in panels, of which about 32 rows are looked at, or every fourth; 1 where
/// skipping is out of the question, and where the first columns show none: what makes zeros makes them everywhere.
private func shareOfNonzeros(_ a: Operand, _ rows: Int, _ depth: Int, _ panels: Int) -> Double {
    guard a.rowStride == panelWidth, rows >= leastSteps, depth >= leastSteps,
        panels >= NarrowStrip.panels
    else { return 1 }
    let apart = rows < 128 ? 4 : rows / 32
    var (seen, found) = (0, 0)
    var panel = 0
    while panel &* panelWidth < depth {
        var row = 0
        while row < rows {
            let x = a.base + panel &* a.panelStride + row &* panelWidth
            found = found &+ nas_nonzero16(x).nonzeroBitCount
            seen = seen &+ panelWidth
            row = row &+ apart
        }
        panel = panel &+ 1
        if panel &* panelWidth == leastSteps, found == seen { return 1 }
    }
    return Double(found) / Double(seen)
}

// MARK: - Forward and input gradient

/// As many panels of C as skipping makes faster; returns the panel behind them.
func multiplyNonzeros(_ product: Product, _ edge: Edge) -> Int {
    let share = shareOfNonzeros(product.a, product.rows, product.depth, product.panels)
    var panel = 0
    if share <= GreatestShare.product {
        panel = multiplyStrips(WidestStrip.self, product, panel, edge)
    }
    if share <= GreatestShare.narrowProduct {
        panel = multiplyStrips(NarrowStrip.self, product, panel, edge)
    }
    return panel
}

/// As many whole strips as there are from panel `start` on; returns the panel behind them.
@inline(__always)
private func multiplyStrips<S: Strip>(
    _: S.Type, _ product: Product, _ start: Int, _ edge: Edge
) -> Int {
    let space = WorkingSpace(product.workingSpace, S.self)
    var panel = start
    while panel &+ S.panels <= product.panels {
        var first = 0
        while first < product.depth {
            let left = product.depth &- first
            let count = left < steps ? left : steps
            switch product.weights {
            case .panels(let weights):
                space.fill(
                    weights + (panel &* product.depth &+ first) &* panelWidth, product.depth &* panelWidth,
                    S.panels, count)
            case .transposed(let weights, let columns):
                transposeWeights(
                    weights, columns, first, count, panel, S.panels, space.strips, S.panels &* panelWidth,
                    panelWidth)
            }
            var row = 0
            while row < product.rows {
                let left = product.rows &- row
                let rows = left < rowsAtOnce ? left : rowsAtOnce
                readRows(product.a, row, rows, first, count, space)
                multiplyRows(S.self, product, panel, row, rows, first, space)
                if first &+ count == product.depth {
                    var inner = panel
                    while inner < panel &+ S.panels {
                        finishRows(edge, product.c, inner &* product.rows &+ row, rows)
                        inner = inner &+ 1
                    }
                }
                row = row &+ rows
            }
            first = first &+ count
        }
        panel = panel &+ S.panels
    }
    return panel
}

/// Copies the scalars of `count` steps of some rows, and notes which are not zero.
@inline(__always)
private func readRows(
    _ a: Operand, _ row: Int, _ rows: Int, _ first: Int, _ count: Int, _ space: WorkingSpace
) {
    let valid = UInt64.max &>> UInt64(steps &- count)
    let source = a.base + (first / panelWidth) &* a.panelStride + row &* panelWidth
    var index = 0
    while index < rows {
        var bits: UInt64 = 0
        var panel = 0
        while panel &* panelWidth < count {
            let x = source + panel &* a.panelStride + index &* panelWidth
            copyPanelRow(x, space.scalars + index &* steps + panel &* panelWidth)
            bits |= UInt64(nas_nonzero16(x)) &<< UInt64(panel &* panelWidth)
            panel = panel &+ 1
        }
        space.bits[index] = bits & valid
        index = index &+ 1
    }
}

@inline(__always)
private func multiplyRows<S: Strip>(
    _: S.Type, _ product: Product, _ panel: Int, _ row: Int, _ rows: Int, _ first: Int,
    _ space: WorkingSpace
) {
    let stride = product.rows &* panelWidth
    let continues = product.accumulate || first > 0
    var index = 0
    while index < rows {
        let c = product.c + (panel &* product.rows &+ row &+ index) &* panelWidth
        var sums: S
        if continues {
            sums = S(c, stride)
        } else if let bias = product.bias {
            sums = S(bias + panel &* panelWidth, panelWidth)
        } else {
            sums = S()
        }
        space.add(&sums, space.bits[index], space.scalars + index &* steps, 1)
        sums.store(c, stride, false)
        index = index &+ 1
    }
}

// MARK: - Weight gradient

/// As many panels of dW as skipping makes faster, in its rows that fill up groups of 16.
///
/// - Returns: the panel behind them.
func weightGradientOfNonzeros(_ product: WeightGradient) -> Int {
    let share = shareOfNonzeros(product.a, product.rows, product.depth, product.panels)
    var panel = 0
    if share <= GreatestShare.weightGradient {
        panel = reduceStrips(WidestStrip.self, product, panel)
    }
    if share <= GreatestShare.narrowWeightGradient {
        panel = reduceStrips(NarrowStrip.self, product, panel)
    }
    return panel
}

/// As many whole strips as there are from panel `start` on; returns the panel behind them.
@inline(__always)
private func reduceStrips<S: Strip>(
    _: S.Type, _ product: WeightGradient, _ start: Int
) -> Int {
    let space = WorkingSpace(product.workingSpace, S.self)
    let groups = product.depth / panelWidth
    // Few parts, as each costs a visit to all of dW.
    let most = nearlyEqualPart(of: product.rows, atMost: steps)
    var panel = start
    while panel &+ S.panels <= product.panels {
        var first = 0
        while first < product.rows {
            let left = product.rows &- first
            let count = left < most ? left : most
            space.fill(
                product.dC + (panel &* product.rows &+ first) &* panelWidth,
                product.rows &* panelWidth, S.panels, count)
            var group = 0
            while group < groups {
                let x = product.a.base + group &* product.a.panelStride + first &* panelWidth
                readColumns(x, count, space.halves)
                reduceColumns(S.self, product, panel, group, first, count, x, space)
                group = group &+ 1
            }
            first = first &+ count
        }
        panel = panel &+ S.panels
    }
    return panel
}

/// Notes which of the 16 columns' first `count` numbers are not zero: the lower halves of the columns' words,
/// then the upper ones.
@inline(__always)
private func readColumns(
    _ x: UnsafePointer<Float>, _ count: Int, _ halves: UnsafeMutablePointer<UInt32>
) {
    var column = 0
    while column < panelWidth {
        var half = 0
        while half < 2 {
            var words = Words()
            var bit: Int32 = 1
            var row = half &* 32
            let end = count < row &+ 32 ? count : row &+ 32
            while row < end {
                words |= Words(repeating: bit) & isNonzero(load(x + row &* panelWidth + column))
                bit &<<= 1
                row = row &+ 1
            }
            UnsafeMutableRawPointer(halves + half &* panelWidth + column)
                .storeBytes(of: words, as: Words.self)
            half = half &+ 1
        }
        column = column &+ Vector.scalarCount
    }
}

/// Adds the rows' share to 16 rows of dW.
///
/// Sums that are to be added to what is there are kept apart until they are complete.
@inline(__always)
private func reduceColumns<S: Strip>(
    _: S.Type, _ product: WeightGradient, _ panel: Int, _ group: Int, _ first: Int, _ count: Int,
    _ x: UnsafePointer<Float>, _ space: WorkingSpace
) {
    let isLast = first &+ count == product.rows
    let dWStride = product.depth &* panelWidth
    let width = product.accumulate ? S.panels &* panelWidth : panelWidth
    let stride = product.accumulate ? panelWidth : dWStride
    let begin = product.accumulate ? space.sums : product.dW + panel &* dWStride
    var column = 0
    while column < panelWidth {
        let row = group &* panelWidth &+ column
        let partial = begin + row &* width
        S.prefetch(partial + width, stride)
        var sums: S
        if first > 0 { sums = S(partial, stride) } else { sums = S() }
        let bits =
            UInt64(space.halves[column]) | UInt64(space.halves[column &+ panelWidth]) &<< 32
        space.add(&sums, bits, x + column, panelWidth)
        if product.accumulate, isLast {
            sums.store(product.dW + panel &* dWStride + row &* panelWidth, dWStride, true)
        } else {
            sums.store(partial, stride, false)
        }
        column = column &+ 1
    }
}
