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

    /// The share of outputs set to zero in training; 0 for everything but dropout.
    var dropoutRate: Double { get }

    /// Private floats that the instruction needs for blocks of `blockRows` rows.
    func scratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int

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
    var dropoutRate: Double { 0 }
    func scratch(_ inputs: [Shape], blockRows: Int, training: Bool) -> Int { 0 }
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
    }

    struct Parameter {
        let values: UnsafeMutablePointer<Float>
        /// Nil in plans that only predict.
        let gradient: UnsafeMutablePointer<Float>?
    }

    let inputs: [Wire]
    let output: Wire
    let parameters: [Parameter]
    let scratch: UnsafeMutablePointer<Float>
    /// Which dropout of the network this is, counted in forward order.
    let dropout: DropoutSite
}

/// One step of a compiled plan. Instructions own nothing; all state is in the plan's arena.
protocol Instruction {
    /// Called once per step, before its first block, when the parameters have changed.
    func prepare()
    func forward(_ pass: BlockPass)
    func backward(_ pass: BlockPass)
}

extension Instruction {
    func prepare() {}
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
}
