import CMachine
import NASKernelInterface

/// A differentiable architecture search: weights and architecture learned together, in turns.
///
/// Each epoch takes one Adam step on the weights with the training loss, then one on α with the
/// validation loss. Source: Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019,
/// algorithm 1; there the order of the two steps is the other way round.
public struct DARTS: Sendable {
    /// Everything that can be set, with defaults.
    public static let options: [OptionSpecification] = [
        OptionSpecification("layers", 5, .integer(1...1000), "Hidden layers of the supernet."),
        OptionSpecification("width", 32, .integer(1...1 << 20), "Units of every hidden layer."),
        OptionSpecification("epochs", 100, .integer(1...Int.max), "Pairs of full-batch steps."),
        OptionSpecification(
            "stem", false, .boolean,
            "The published script's form: a linear layer, then one cell less than layers."),
        OptionSpecification(
            "skip", true, .boolean, "Whether a cell may be left out, so that depth is searched too."),
        OptionSpecification(
            "weight_learning_rate", 0.01, .real(0...Double.infinity, openLow: true),
            "Adam's step size for the weights."),
        OptionSpecification(
            "alpha_learning_rate", 0.05, .real(0...Double.infinity, openLow: true),
            "Adam's step size for α."),
        OptionSpecification(
            "alpha_deviation", 0.001, .real(0...Double.infinity),
            "Standard deviation of the initial α; 1 in the published script, where it outweighs "
                + "what 50 steps of 0.001 can learn."),
        OptionSpecification(
            "weight_decay", 0.0, .real(0...Double.infinity),
            "Weight decay of the weights; larger values keep the search from collapsing."),
        OptionSpecification(
            "order", 1, .integer(1...2),
            "1: α sees the present weights; 2: the weights after one more step (equation 7)."),
        OptionSpecification(
            "unrolled_learning_rate", 0.01, .real(0...Double.infinity),
            "ξ of that step; 0 makes order 2 equal to order 1."),
        OptionSpecification("seed", 0, .integer(0...Int.max), "Seed of the initial weights and α."),
        OptionSpecification(
            "rng", .string(GeneratorKind.counter.rawValue),
            .choice(GeneratorKind.allCases.map(\.rawValue)),
            "Generator of the initial weights and α."),
    ]

    /// What came of a search.
    public struct Result: Sendable {
        public let status: Outcome.Status
        /// The supernet's training loss before each weight step.
        public let trainingLosses: [Double]
        /// Its validation loss before each α step.
        public let validationLosses: [Double]
        /// α after each epoch: `[epoch][cell][candidate]`.
        public let alphas: [[[Float]]]
        /// The values that the search began with, in the order of ``DARTS/parameters``.
        public let initialParameters: [[Float]]
        public let wallSeconds: Double
    }

    private let options: Options
    private let supernet: Supernet

    /// - Parameters:
    ///   - activations: the candidates of each cell, by name.
    ///   - options: values for ``options``; what is left out has its default.
    public init(
        activations: [String], options: [String: Value], inputWidth: Int, outputWidth: Int
    ) throws(EngineError) {
        self.options = try Options(options, for: Self.options, of: "darts")
        supernet = try Supernet(
            layers: self.options[integer: "layers"], width: self.options[integer: "width"],
            activations: activations, stem: self.options[boolean: "stem"],
            skips: self.options[boolean: "skip"], inputWidth: inputWidth,
            outputWidth: outputWidth)
    }

    /// The names of each cell's candidates, in the order of its α.
    public var candidates: [[String]] { supernet.candidates }

    /// Names and shapes of all parameters, the α of each cell among them.
    public var parameters: [Model.Parameter] {
        supernet.network.parameters.map { .init(name: $0.name, shape: $0.tensor.shape) }
    }

    /// Runs the search; the training rows move the weights, the validation rows move α.
    ///
    /// - Parameter initialParameters: in the order of ``parameters``, instead of drawn ones.
    public func search(
        _ dataset: Dataset, initialParameters: [[Float]]? = nil, cancellation: Cancellation? = nil
    ) throws(EngineError) -> Result {
        try require(
            supernet.network.inputWidth == dataset.inputWidth
                && supernet.network.outputWidth == dataset.outputWidth,
            "the supernet must have the data's \(dataset.inputWidth) inputs and "
                + "\(dataset.outputWidth) outputs")
        let start = Clock.nanoseconds
        let mode = nas_machine_flush_denormals()
        defer { nas_machine_restore_denormals(mode) }
        let plan = try TrainingPlan(supernet.network, rows: dataset.train.rows, purpose: .training)
        var random = TrainingRandom(
            kind: GeneratorKind(rawValue: options[string: "rng"]) ?? .counter,
            seed: UInt64(options[integer: "seed"]))
        // The published script draws one row of α per hidden layer, of which the last is never used.
        try plan.initialize(
            .torchDefault, &random, alphaDeviation: options[real: "alpha_deviation"],
            unusedAlphas: options[boolean: "stem"] ? supernet.candidates.first?.count ?? 0 : 0)
        if let initialParameters { try plan.importParameters(initialParameters) }
        let initial = plan.exportParameters()
        let bilevel = try BilevelOptimizer(
            plan, dataset, order: options[integer: "order"],
            unrolledRate: Float(options[real: "unrolled_learning_rate"]),
            weights: OptimizerSettings(
                learningRate: options[real: "weight_learning_rate"],
                weightDecay: options[real: "weight_decay"]),
            alphas: OptimizerSettings(learningRate: options[real: "alpha_learning_rate"]))

        var status = Outcome.Status.ok
        var trainingLosses: [Double] = []
        var validationLosses: [Double] = []
        var alphas: [[[Float]]] = []
        for _ in 0..<options[integer: "epochs"] {
            guard let training = bilevel.stepWeights(cancellation),
                let validation = bilevel.stepAlphas(cancellation)
            else {
                status = .cancelled
                break
            }
            trainingLosses.append(training)
            validationLosses.append(validation)
            guard training.isFinite, validation.isFinite else {
                status = .diverged
                break
            }
            alphas.append(plan.exportParameters(of: .architecture))
        }
        return Result(
            status: status, trainingLosses: trainingLosses, validationLosses: validationLosses,
            alphas: alphas, initialParameters: initial,
            wallSeconds: Double(Clock.nanoseconds - start) * 1e-9)
    }
}
