/// Sets a random share of the elements to zero in training and scales the others by 1 / (1 − rate).
///
/// Source: Srivastava et al., "Dropout", JMLR 15 (2014), in the inverted form that PyTorch uses.
struct Dropout: Operation {
    /// In [0, 1).
    let rate: Double

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { inputs[0] }
    func flops(_ inputs: [Shape]) -> Int { 0 }
    var backwardReads: BackwardReads { [] }
    var worksInPlace: Bool { true }
    var dropoutRate: Double { rate }

    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int {
        activation.blockScratch(inputs, blockRows: blockRows, training: training)
    }

    func instruction(_ site: Site) -> any Instruction { activation.instruction(site) }

    /// The same as the identity with a dropout behind it.
    private var activation: Activation {
        Activation(ActivationRegistry.identity, dropoutRate: rate)
    }
}
