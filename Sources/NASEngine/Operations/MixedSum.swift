import NASKernelInterface

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Σₖ softmax(α)ₖ · xₖ over inputs of one shape: the mixed operation of DARTS.
///
/// α is trainable and belongs to the architecture group. Source: Liu, Simonyan, Yang, "DARTS:
/// Differentiable Architecture Search", ICLR 2019, equation 2.
struct MixedSum: Operation {
    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape {
        try Add().outputShape(inputs)
    }

    func parameters(_ inputs: [Shape]) -> [ParameterTensor] {
        [ParameterTensor(name: "alpha", shape: [inputs.count], group: .architecture, fanIn: 1)]
    }

    func flops(_ inputs: [Shape]) -> Int { 2 * inputs.count * inputs[0].elementCount }

    var backwardReads: BackwardReads { .inputs }

    var differentiatesInputs: Bool { true }

    var gradientReplacesInput: Bool { true }

    /// The mixing weights.
    func sharedScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int { inputs.count }

    /// One dot product per input.
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int { inputs.count }

    func instruction(_ site: Site) -> any Instruction {
        MixedSumInstruction(
            site: site, inputs: site.inputs.compactMap { $0.values.map { UnsafePointer($0) } })
    }
}

private struct MixedSumInstruction: Instruction {
    let site: Site
    /// The values of all inputs: data have some too, as they are not read in place here.
    let inputs: [UnsafePointer<Float>]

    private var weights: UnsafeMutablePointer<Float> { site.sharedScratch }
    private var dots: UnsafeMutablePointer<Float> { site.blockScratch }

    mutating func prepare(wantsWeights: Bool) {
        let alpha = site.parameters[0].values
        var largest = alpha[0]
        for k in 1..<site.inputs.count { largest = max(largest, alpha[k]) }
        var sum: Float = 0
        for k in 0..<site.inputs.count {
            weights[k] = expf(alpha[k] - largest)
            sum += weights[k]
        }
        for k in 0..<site.inputs.count { weights[k] /= sum }
    }

    mutating func forward(_ pass: BlockPass) {
        guard let y = site.output.values else { return }
        site.kernels.weightedSum(
            inputs, weights, inputCount: inputs.count, into: y,
            count: Panels.count(site.output.width) * pass.rows * Panels.width)
    }

    /// dxₖ = wₖ·dy and, by the softmax's Jacobian, dαₖ = wₖ·(⟨dy, xₖ⟩ − Σⱼ wⱼ·⟨dy, xⱼ⟩).
    mutating func backward(_ pass: BlockPass) {
        guard let dy = site.output.gradient else { return }
        for k in inputs.indices { dots[k] = 0 }
        for rows in parts(pass) {
            for (k, input) in site.inputs.enumerated() {
                dots[k] += site.kernels.scaleBackward(
                    weights[k], x: inputs[k], dy: dy, dx: input.gradient, rows: rows,
                    accumulate: input.accumulate,
                    edge: input.activation.map { .differentiate($0.site(pass)) } ?? .none)
            }
        }
        guard let dAlpha = site.parameters[0].gradient else { return }
        var mean: Float = 0
        for k in 0..<site.inputs.count { mean += weights[k] * dots[k] }
        for k in 0..<site.inputs.count {
            let gradient = weights[k] * (dots[k] - mean)
            dAlpha[k] = pass.accumulates ? dAlpha[k] + gradient : gradient
        }
    }

    /// The rows of all panels in parts of which the sum's gradient stays in the nearest cache while the
    /// inputs take turns.
    private func parts(_ pass: BlockPass) -> some Sequence<Range<Int>> {
        let (rows, part) = (Panels.count(site.output.width) * pass.rows, 128)
        return stride(from: 0, to: rows, by: part).lazy.map { $0..<min($0 + part, rows) }
    }
}
