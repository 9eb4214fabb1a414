/// An element-wise function, and the dropout behind it if ``Network/fused()`` has merged one in.
struct Activation: Operation {
    let function: any ActivationFunction.Type
    let dropoutRate: Double

    init(_ function: any ActivationFunction.Type, dropoutRate: Double = 0) {
        self.function = function
        self.dropoutRate = dropoutRate
    }

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { inputs[0] }

    /// One per element, whatever the function costs.
    func flops(_ inputs: [Shape]) -> Int { inputs[0].elementCount }

    var backwardReads: BackwardReads { function.derivativeReadsInput ? .inputs : .output }

    var worksInPlace: Bool { true }

    /// The dropout mask, one bit per element.
    func scratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        guard training, dropoutRate > 0 else { return 0 }
        return (Kernels.panels(inputs[0].elementCount) * blockRows + 1) / 2
    }

    func instruction(_ site: Site) -> any Instruction {
        ActivationInstruction(function: function, rate: dropoutRate, site: site)
    }
}

struct ActivationInstruction: Instruction {
    let function: any ActivationFunction.Type
    let rate: Double
    let input: Site.Wire
    let output: Site.Wire
    let mask: UnsafeMutablePointer<UInt16>
    let dropout: DropoutSite

    init(function: any ActivationFunction.Type, rate: Double, site: Site) {
        self.function = function
        self.rate = rate
        input = site.inputs[0]
        output = site.output
        mask = UnsafeMutableRawPointer(site.scratch).assumingMemoryBound(to: UInt16.self)
        dropout = site.dropout
    }

    func forward(_ pass: BlockPass) {
        if rate > 0, let draw = pass.dropout {
            draw.fill(
                mask, site: dropout, keep: 1 - rate, columns: output.width, rows: pass.rows,
                firstRow: pass.firstRow)
        }
        guard let work = work(pass) else { return }
        function.forward(work)
    }

    func backward(_ pass: BlockPass) {
        guard let gradient = output.gradient, input.gradient != nil, let work = work(pass) else {
            return
        }
        function.backward(work, gradient: gradient)
    }

    private func work(_ pass: BlockPass) -> ActivationPass? {
        guard let from = input.values, let to = output.values else { return nil }
        let masked = rate > 0 && pass.dropout != nil
        return ActivationPass(
            input: from, output: to, count: Kernels.panels(output.width) * pass.rows,
            mask: masked ? UnsafePointer(mask) : nil, scale: 1 / Float(1 - rate),
            inputGradient: input.gradient ?? from, accumulate: input.accumulate)
    }
}
