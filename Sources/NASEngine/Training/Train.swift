import CMachine

/// How long and from which seed a candidate is trained.
public struct TrainingSettings: Sendable, Hashable {
    /// Full-batch steps, at least 1.
    public var epochs: Int
    public var seed: UInt64
    public var generator: GeneratorKind
    /// Threads that work on the candidate, at least 1; the result does not depend on it.
    public var threads: Int

    public init(
        epochs: Int, seed: UInt64, generator: GeneratorKind = .counter, threads: Int = 1
    ) {
        self.epochs = epochs
        self.seed = seed
        self.generator = generator
        self.threads = threads
    }
}

/// What came of a training.
public struct Outcome: Sendable {
    public enum Status: String, Sendable {
        case ok
        /// A loss became NaN or infinite.
        case diverged
        /// The ``Cancellation`` said so.
        case cancelled
    }

    public let status: Status
    /// The loss of each epoch with dropout on, taken before the epoch's step; a diverged training ends
    /// with the loss that was not finite.
    public let trainingLosses: [Double]
    /// The loss on the validation data after the last step, dropout off; infinite unless ``status`` is ok.
    public let validationLoss: Double
    public let parameterCount: Int
    /// Floating-point operations of one row's forward pass.
    public let flops: Int
    public let wallSeconds: Double
}

/// Threads that have enough work each to be worth their start and their waiting for each other.
private func usefulThreads(
    _ candidate: Candidate, rows: Int, _ settings: TrainingSettings
) -> Int {
    let work = Double(min(settings.epochs, 100)) * Double(rows) * Double(candidate.flops)
    return max(1, min(settings.threads, Int(min(work / 3e6, 1024))))
}

/// Trains a candidate on the whole training data at every step and validates it at the end.
///
/// The result depends on the arguments only, bit for bit, except for ``Outcome/wallSeconds``.
///
/// - Parameters:
///   - initialParameters: one row-major array per parameter in PyTorch's layout, instead of drawn ones;
///     the generator moves on as if they had been drawn.
///   - keepModel: whether the parameters are wanted; searches only need the outcome.
/// - Returns: the outcome, and the model if wanted.
public func train(
    _ candidate: Candidate, on dataset: Dataset, settings: TrainingSettings,
    initialParameters: [[Float]]? = nil, keepModel: Bool = true,
    cancellation: Cancellation? = nil
) throws(EngineError) -> (outcome: Outcome, model: Model?) {
    try require(settings.epochs >= 1, "epochs must be ≥ 1, got \(settings.epochs)")
    try require(settings.threads >= 1, "threads must be ≥ 1, got \(settings.threads)")
    try require(
        candidate.inputWidth == dataset.inputWidth && candidate.outputWidth == dataset.outputWidth,
        "the candidate must have the data's \(dataset.inputWidth) inputs and "
            + "\(dataset.outputWidth) outputs, got \(candidate.inputWidth) and "
            + "\(candidate.outputWidth)")
    try require(
        settings.generator == .counter || candidate.initializer == .torchDefault,
        "initializer must be 'Default' with PyTorch's generator, got "
            + "'\(candidate.initializer.rawValue)'")
    let start = Clock.nanoseconds
    let mode = nas_machine_flush_denormals()
    defer { nas_machine_restore_denormals(mode) }
    let rows = dataset.train.rows
    let threads = usefulThreads(candidate, rows: rows, settings)
    let layout = PlanLayout(candidate.network, rows: rows, purpose: .training)
    let lanes = layout.lanes(threads: threads, rows: rows)
    try Machine.checkMemory(candidate.byteCount(layout, lanes: lanes))
    let plan = try TrainingPlan(candidate.network, layout, rows: rows, threads: threads)
    var random = TrainingRandom(kind: settings.generator, seed: settings.seed)
    try plan.initialize(candidate.initializer, &random)
    if let initialParameters { try plan.importParameters(initialParameters) }
    let optimizer = try OptimizerState(
        candidate.optimizer, candidate.optimizerSettings, range: 0..<plan.layout.weightCount)
    let masks = try DropoutMasks(plan, rows: dataset.train.rows, random)

    var status = Outcome.Status.ok
    var losses: [Double] = []
    losses.reserveCapacity(min(settings.epochs, 1 << 20))
    for epoch in 0..<settings.epochs {
        guard
            let loss = plan.gradient(
                dataset.train, MeanSquaredError.self, dropout: masks.draw(epoch: epoch, &random),
                cancellation: cancellation)
        else {
            status = .cancelled
            break
        }
        losses.append(loss)
        guard loss.isFinite else {
            status = .diverged
            break
        }
        optimizer.update(plan)
    }

    var validation = Double.infinity
    if status == .ok {
        if let loss = plan.evaluate(
            dataset.validation, MeanSquaredError.self, cancellation: cancellation)
        {
            if loss.isFinite { validation = loss } else { status = .diverged }
        } else {
            status = .cancelled
        }
    }
    let model =
        keepModel
        ? try Model(candidate: candidate, values: plan.exportParameters()) : nil
    return (
        Outcome(
            status: status, trainingLosses: losses, validationLoss: validation,
            parameterCount: candidate.parameterCount, flops: candidate.flops,
            wallSeconds: Double(Clock.nanoseconds - start) * 1e-9),
        model
    )
}
