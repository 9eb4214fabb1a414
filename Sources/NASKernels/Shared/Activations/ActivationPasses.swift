import NASKernelInterface

/// Activation and dropout over rows `first` … `first + count` of a site.
func activateRows(_ site: ActivationSite, _ first: Int, _ count: Int) {
    _ = withActivation(site.activation, ForwardPass(site: site, first: first, count: count))
}

/// dx = dy · f′ · mask over the same rows; `dy` and `dx` point to the first of them and may be equal.
func differentiateRows(
    _ site: ActivationSite, _ first: Int, _ count: Int, _ dy: UnsafePointer<Float>,
    _ dx: UnsafeMutablePointer<Float>, _ accumulate: Bool
) {
    _ = withActivation(
        site.activation,
        BackwardPass(
            site: site, first: first, count: count, dy: dy, dx: dx, accumulate: accumulate))
}

private struct ForwardPass: ActivationUser {
    let site: ActivationSite
    let first: Int
    let count: Int

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        let input = site.input + first &* panelWidth
        let output = site.output + first &* panelWidth
        var offset = 0
        guard let mask = site.mask else {
            while offset < count &* panelWidth {
                store(A.value(load(input + offset)), output + offset)
                offset = offset &+ Vector.scalarCount
            }
            return
        }
        let scale = Vector(repeating: site.scale)
        var row = 0
        while row < count {
            let bits = mask[first &+ row]
            var column = 0
            while column < panelWidth {
                let y = A.value(load(input + offset)) * scale
                let kept = Vector().replacing(with: y, where: lanes(of: bits, column: column))
                store(kept, output + offset)
                offset = offset &+ Vector.scalarCount
                column = column &+ Vector.scalarCount
            }
            row = row &+ 1
        }
    }
}

private struct BackwardPass: ActivationUser {
    let site: ActivationSite
    let first: Int
    let count: Int
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    let accumulate: Bool

    // A function of its own: one that held them all would be too big for the inliner.
    @inline(never)
    func use<A: Activation>(_: A.Type) {
        let saved = (A.derivativeReadsInput ? site.input : site.output) + first &* panelWidth
        var offset = 0
        guard let mask = site.mask else {
            while offset < count &* panelWidth {
                let gradient = load(dy + offset) * A.derivative(load(saved + offset))
                store(accumulate ? load(dx + offset) + gradient : gradient, dx + offset)
                offset = offset &+ Vector.scalarCount
            }
            return
        }
        let scale = Vector(repeating: site.scale)
        // A kept output was scaled by dropout: this takes it back.
        let unscale = Vector(repeating: A.derivativeReadsInput ? 1 : 1 / site.scale)
        var row = 0
        while row < count {
            let bits = mask[first &+ row]
            var column = 0
            while column < panelWidth {
                let slope = A.derivative(load(saved + offset) * unscale) * scale
                let gradient = Vector().replacing(
                    with: load(dy + offset) * slope, where: lanes(of: bits, column: column))
                store(accumulate ? load(dx + offset) + gradient : gradient, dx + offset)
                offset = offset &+ Vector.scalarCount
                column = column &+ Vector.scalarCount
            }
            row = row &+ 1
        }
    }
}
