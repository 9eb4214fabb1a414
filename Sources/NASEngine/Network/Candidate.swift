import NASKernelInterface

/// An architecture made concrete for given data: its network and the settings it trains with.
///
/// The keys that architectures may use stand in ``keys``. Those of the hidden layers, ``layerKeys``, take
/// one value for all layers or a list with one value each; with a layer's number behind them, as in
/// `hidden_layer_size_2`, they are about that layer alone.
public struct Candidate: Sendable {
    struct HiddenLayer: Sendable, Equatable {
        let width: Int
        let activation: ActivationFunction
        let dropoutRate: Double
        let hasSkipConnection: Bool

        init(_ options: Options) throws(EngineError) {
            width = options[integer: "hidden_layer_size"]
            activation = try ActivationRegistry.function(
                named: options[string: "activation_function"])
            dropoutRate = options[real: "dropout_rate"]
            hasSkipConnection = options[boolean: "skip_connection"]
        }
    }

    /// The most inputs or outputs: a matrix from as many to as many still has a size.
    public static let largestWidth = 1 << 28

    public let architecture: Architecture
    public let inputWidth: Int
    public let outputWidth: Int
    let hiddenLayers: [HiddenLayer]
    let optimizer: OptimizerRule
    let optimizerSettings: OptimizerSettings
    let initializer: Initializer
    /// Rows of a step; nil for all of them.
    let batchSize: Int?
    /// A training needs none if it finds its plan in the ``PlanPool``.
    private let lazyNetwork: Lazy<Network>

    /// Throws ``EngineError/invalidArgument(_:)`` for an unknown or missing key and a value that does
    /// not fit it.
    public init(
        _ architecture: Architecture, inputWidth: Int, outputWidth: Int
    ) throws(EngineError) {
        let settings = try ArchitectureSettings(architecture)
        self.architecture = architecture
        self.inputWidth = inputWidth
        self.outputWidth = outputWidth
        let count = settings.common[integer: "num_hidden_layers"]
        var layers: [HiddenLayer] = []
        if settings.isUniform, count > 0 {
            layers = Array(repeating: try HiddenLayer(settings.common), count: count)
        } else {
            for index in 0..<count { layers.append(try HiddenLayer(try settings.layer(index))) }
        }
        hiddenLayers = layers
        optimizer = try OptimizerRegistry.optimizer(named: settings.common[string: "optimizer"])
        optimizerSettings = OptimizerSettings(
            learningRate: settings.common[real: "learning_rate"],
            momentum: settings.common[optionalReal: "momentum"],
            weightDecay: settings.common[optionalReal: "weight_decay"])
        initializer = Initializer(rawValue: settings.common[string: "initializer"]) ?? .torchDefault
        batchSize = settings.common[optionalInteger: "batch_size"]
        lazyNetwork = Lazy { [layers] in
            do {
                return try Self.chain(layers, inputWidth: inputWidth, outputWidth: outputWidth).fused()
            } catch {
                preconditionFailure("layers of any width fit each other: \(error)")
            }
        }
    }

    /// The network that the architecture describes, fused.
    var network: Network { lazyNetwork.value }

    /// Trainable numbers.
    public var parameterCount: Int { network.parameterCount }

    /// Floating-point operations of one row's forward pass; multiply and add count as two.
    public var flops: Int { network.flops }

    /// Linear → activation → dropout for each hidden layer, then a linear output.
    ///
    /// A skip connection adds the layer's input to that, through a projection without bias where the widths
    /// differ. Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, equations 1
    /// and 2 (option B); here the sum comes behind activation and dropout.
    ///
    /// Parameters are named as in the `nn.Sequential` of the same modules, dropout always counted; a layer
    /// with a skip connection is one module, its parts called `linear` and `projection`.
    static func chain(
        _ layers: [HiddenLayer], inputWidth: Int, outputWidth: Int
    ) throws(EngineError) -> Network {
        var network = Network()
        var last = try network.add(Input(width: inputWidth))
        var module = 0
        for layer in layers {
            let name = layer.hasSkipConnection ? "\(module).linear" : "\(module)"
            var branch = try network.add(Linear(width: layer.width), last, name: name)
            branch = try network.add(Activation(layer.activation), branch)
            if layer.dropoutRate > 0 {
                branch = try network.add(Dropout(rate: layer.dropoutRate), branch)
            }
            if layer.hasSkipConnection {
                var skip = last
                if network.nodes[last].shape.elementCount != layer.width {
                    skip = try network.add(
                        Linear(width: layer.width, hasBias: false), last,
                        name: "\(module).projection")
                }
                branch = try network.add(Add(), branch, skip)
            }
            last = branch
            module += layer.hasSkipConnection ? 1 : 3
        }
        try network.add(Linear(width: outputWidth), last, name: "\(module)")
        return network
    }

    /// Throws unless the candidate fits the data, and the generator its initial weights.
    func check(_ dataset: Dataset, _ generator: GeneratorKind) throws(EngineError) {
        try require(
            inputWidth == dataset.inputWidth && outputWidth == dataset.outputWidth,
            "the candidate must have the data's \(dataset.inputWidth) inputs and "
                + "\(dataset.outputWidth) outputs, got \(inputWidth) and \(outputWidth)")
        try require(
            generator == .counter || initializer == .torchDefault,
            "initializer must be 'Default' with PyTorch's generator, got '\(initializer.rawValue)'")
    }

    /// Bytes that a training on `rows` rows takes, the data not counted, nor masks that PyTorch's generator draws.
    public func byteCount(rows: Int) -> Int {
        let batch = MiniBatches.rows(of: rows, size: batchSize)
        return byteCount(PlanLayout(network, rows: batch, purpose: .training), lanes: 1)
            + batchFloats(rows: rows, targetWidth: outputWidth) * MemoryLayout<Float>.stride
    }

    /// Floats that a training on `rows` rows takes for its mini-batches.
    func batchFloats(rows: Int, targetWidth: Int) -> Int {
        MiniBatches.floats(
            of: rows, size: batchSize, inputWidth: inputWidth, targetWidth: targetWidth)
    }

    /// Bytes of a plan of so many lanes, and of what its optimizer remembers.
    func byteCount(_ layout: PlanLayout, lanes: Int) -> Int {
        (layout.total(lanes: lanes) + optimizer.moments(optimizerSettings) * layout.weightCount)
            * MemoryLayout<Float>.stride
    }
}

extension Candidate {
    /// Keys whose value may be a list with one entry per hidden layer, and which may stand with the number
    /// of a layer, counted from 1, behind them.
    public static let layerKeys = [
        "hidden_layer_size", "activation_function", "dropout_rate", "skip_connection",
    ]

    /// Keys that every architecture must have; a layer key may be given layer by layer instead.
    public static let requiredKeys = ["hidden_layer_size", "num_hidden_layers"]

    /// The keys that an architecture may have.
    public static let keys: [OptionSpecification] = [
        OptionSpecification(
            "num_hidden_layers", 1, .integer(0...1000),
            "Hidden layers; 0 is a linear model."),
        OptionSpecification(
            "hidden_layer_size", 64, .integer(1...1 << 20),
            "Units of the hidden layers."),
        OptionSpecification(
            "activation_function", "ReLU", .choice(ActivationRegistry.names),
            "Activation behind each hidden layer."),
        OptionSpecification(
            "dropout_rate", 0.0, .real(0...1, openHigh: true),
            "Share of each hidden layer's outputs set to zero in training."),
        OptionSpecification(
            "skip_connection", false, .boolean,
            "Whether each hidden layer's input is added to its output."),
        OptionSpecification(
            "optimizer", "Adam", .choice(OptimizerRegistry.names),
            "Optimizer, with PyTorch's defaults for what is not given here."),
        OptionSpecification(
            "learning_rate", 0.001, .real(0...Double.infinity, openLow: true),
            "Step size of the optimizer."),
        OptionSpecification(
            "momentum", .none, .real(0...1, openHigh: true),
            "Momentum of SGD and RMSprop; 0 unless given."),
        OptionSpecification(
            "weight_decay", .none, .real(0...Double.infinity),
            "Weight decay; 0 unless given, 0.01 for AdamW."),
        OptionSpecification(
            "initializer", "Default", .choice(Initializer.names),
            "Distribution of the initial weights; the default is PyTorch's."),
        OptionSpecification(
            "batch_size", .none, .integer(1...1 << 31),
            "Rows of a step, in a new order each epoch; all of them in their own order unless given."),
    ]
}
