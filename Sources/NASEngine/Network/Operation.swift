import NASKernelInterface

/// What a node of a network does: the facts about it, and how it becomes an ``Instruction``.
///
/// A layer type is one file in `Operations/` with its shape, parameters, cost, forward and backward
/// pass side by side. Networks are built from operations directly, so there is nothing to register.
protocol Operation: Sendable {
    /// The shape of the output, or an error if the operation cannot take these inputs.
    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape

    /// The trainable tensors, in the order in which PyTorch initialises them.
    func parameters(_ inputs: [Shape]) -> [ParameterTensor]

    /// Floating-point operations of the forward pass for one row; multiply and add count as two.
    func flops(_ inputs: [Shape]) -> Int

    /// Which values the backward pass reads again: their buffers must not be overwritten.
    var backwardReads: BackwardReads { get }

    /// Whether the output may be written over the first input, and its gradient likewise.
    var worksInPlace: Bool { get }

    /// Whether about half of the outputs are zero, those of some columns perhaps in all rows; nil if that is so where it
    /// is of an input.
    var makesZeros: Bool? { get }

    /// The share of outputs set to zero in training; 0 for everything but dropout.
    var dropoutRate: Double { get }

    /// Whether the backward pass can take the gradients of its inputs through the activations that made
    /// them, see ``Instruction/outputActivation``.
    var differentiatesInputs: Bool { get }

    /// Whether it can do its own pass and that of a layer with one input before it in one, see
    /// ``Instruction/oneInputLayer``.
    var joinsOneInputLayer: Bool { get }

    /// Whether its backward pass reads an element of the first input for the last time before it writes that
    /// element's gradient, which may then take its place.
    var gradientReplacesInput: Bool { get }

    /// Whether it reads the data row by row where they lie; others get them in panels.
    var readsDataInPlace: Bool { get }

    /// Whether the gradient of its output is wanted though nothing upstream is trainable.
    var wantsGradient: Bool { get }

    /// This operation and `next` in one, if there is such a thing and nothing else reads its output.
    func absorbing(_ next: any Operation) -> (any Operation)?

    /// Floats that the instructions of all lanes share, which work on blocks of `blockRows` rows.
    func sharedScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int

    /// Floats that each lane's instruction needs for blocks of `blockRows` rows.
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int

    func instruction(_ site: Site) -> any Instruction
}

/// The buffers that a backward pass reads besides the gradient of the output.
struct BackwardReads: OptionSet, Sendable {
    let rawValue: UInt8
    static let inputs = BackwardReads(rawValue: 1)
    static let output = BackwardReads(rawValue: 2)
}

extension Operation {
    func parameters(_ inputs: [Shape]) -> [ParameterTensor] { [] }
    var worksInPlace: Bool { false }
    var makesZeros: Bool? { nil }
    var dropoutRate: Double { 0 }
    var differentiatesInputs: Bool { false }
    var joinsOneInputLayer: Bool { false }
    var gradientReplacesInput: Bool { false }
    var readsDataInPlace: Bool { false }
    var wantsGradient: Bool { false }
    func absorbing(_ next: any Operation) -> (any Operation)? { nil }
    func sharedScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int { 0 }
    func blockScratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int { 0 }
}

/// Where an operation stands in a compiled plan: its buffers, valid as long as the plan.
struct Site {
    /// A node's output as another node sees it.
    struct Wire {
        let width: Int
        /// In panels, one block of rows; nil for the data, which is read from the pass.
        let values: UnsafeMutablePointer<Float>?
        /// Where the gradient goes; nil if nothing upstream is trainable.
        let gradient: UnsafeMutablePointer<Float>?
        /// Whether another consumer has already written this gradient in the same backward pass.
        let accumulate: Bool
        /// Whether some columns of the values may be zero in all rows, see ``Operation/makesZeros``.
        let makesZeros: Bool
        /// For an input: the activation that made it and that this node, its only reader, takes the
        /// gradient through.
        var activation: MaskedActivation?
        /// For the output: whether its only reader does that.
        var isDifferentiatedByReader = false
        /// For an input: the layer whose output it is, if this node, its only reader, does that layer's passes.
        var oneInputLayer: OneInputPlace?
        /// For the output: whether its only reader does that where it can.
        var isJoinedToReader = false
    }

    struct Parameter {
        let values: UnsafeMutablePointer<Float>
        /// Nil in plans that only predict.
        let gradient: UnsafeMutablePointer<Float>?
    }

    let inputs: [Wire]
    let output: Wire
    let parameters: [Parameter]
    let sharedScratch: UnsafeMutablePointer<Float>
    let blockScratch: UnsafeMutablePointer<Float>
    /// For products, see ``Product/workingSpace``; all instructions of a lane have the same.
    let workingSpace: UnsafeMutablePointer<Float>
    let blockRows: Int
    /// Which dropout of the network this is, counted in forward order.
    let dropout: DropoutSite
    let kernels: any KernelSet.Type
}

/// One step of a compiled plan. Instructions own nothing; all state is in the plan's arena.
///
/// None of them changes: they are `mutating` to be called where they are, as Swift would copy the whole instruction for
/// each call otherwise.
protocol Instruction {
    /// The activation at the instruction's end: dy · f′ may be computed by whoever computes dy.
    var outputActivation: MaskedActivation? { get }

    /// The instruction's layer, if it has an activation and one input, whose gradient nobody wants: its passes may
    /// be done by whoever reads its output, but for the dropout mask.
    var oneInputLayer: OneInputPlace? { get }

    /// Whether that is so: the output is there only when its reader has run.
    var isJoinedToReader: Bool { get }

    /// Called once per step, before its first block, when the parameters have changed; in one lane, for all of them.
    ///
    /// - Parameter wantsWeights: as ``BlockPass/wantsWeights`` of the blocks.
    mutating func prepare(wantsWeights: Bool)
    mutating func forward(_ pass: BlockPass)
    /// Turns the gradient of the output into that of the inputs, and into the block's share in the
    /// gradients of the parameters.
    mutating func backward(_ pass: BlockPass)
}

extension Instruction {
    var outputActivation: MaskedActivation? { nil }
    var oneInputLayer: OneInputPlace? { nil }
    var isJoinedToReader: Bool { false }
    mutating func prepare(wantsWeights: Bool) {}
}

/// A layer with one input in a plan.
struct OneInputPlace {
    /// In panels; nil for the data, which is read from the pass.
    let input: UnsafeMutablePointer<Float>?
    let weights: UnsafeMutablePointer<Float>
    let bias: UnsafeMutablePointer<Float>?
    /// Those of the weights and the bias; nil in plans that only predict.
    let gradients: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)?

    /// What the kernels work on in this pass.
    func forward(_ pass: BlockPass) -> OneInputLayer {
        OneInputLayer(x: x(pass), stride: stride, weights: weights, bias: bias)
    }

    /// The same for the backward pass.
    func backward(_ pass: BlockPass) -> OneInputGradients? {
        gradients.map { OneInputGradients(x: x(pass), stride: stride, dW: $0, db: $1) }
    }

    private var stride: Int { input == nil ? 1 : Panels.width }

    private func x(_ pass: BlockPass) -> UnsafePointer<Float> { input.map { UnsafePointer($0) } ?? pass.data }
}

/// The block of rows that instructions work on.
struct BlockPass {
    /// The first row of the block in the data, row-major.
    let data: UnsafePointer<Float>
    let rows: Int
    /// Nil when predicting or validating: no dropout then.
    let dropout: DropoutDraw?
    /// The number of the block's first row in the data.
    let firstRow: Int
    /// Whether the gradients of the parameters are added to those of earlier blocks.
    var accumulates = false
    /// Whether the gradients of the weights are wanted, besides those of the architecture: they are trained then.
    let wantsWeights: Bool
}
