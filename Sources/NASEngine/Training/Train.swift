/// How long, from which seed and on how much of the data a candidate is trained.
public struct TrainingSettings: Sendable, Hashable {
    /// Passes over the rows, at least 1; a ``TrainingRun`` may pause before. One step each, unless the
    /// candidate has a batch size.
    public var epochs: Int
    /// Decides initial weights, dropout masks and the order of mini-batches.
    public var seed: UInt64
    /// Where those random numbers come from.
    public var generator: GeneratorKind
    /// Threads that work on the candidate, at least 1; the result does not depend on it.
    public var threads: Int
    /// The share of the training rows that are trained on, the first ones, in (0, 1].
    public var rowFraction: Double
    /// Epochs from one validation to the next, at least 1; nil for one at the end only.
    public let validationInterval: Int?
    /// Validations without a new least loss after which the training stops, at least 1; nil for never.
    /// Its outcome is then that of the best validation. Without an interval, it is 1.
    public let patience: Int?

    public init(
        epochs: Int, seed: UInt64, generator: GeneratorKind = .counter, threads: Int = 1,
        rowFraction: Double = 1, validationInterval: Int? = nil, patience: Int? = nil
    ) {
        self.epochs = epochs
        self.seed = seed
        self.generator = generator
        self.threads = threads
        self.rowFraction = rowFraction
        self.validationInterval = validationInterval ?? patience.map { _ in 1 }
        self.patience = patience
    }

    /// Throws if one of them is not allowed.
    func check() throws(EngineError) {
        try require(epochs >= 1, "epochs must be ≥ 1, got \(epochs)")
        try require(threads >= 1, "threads must be ≥ 1, got \(threads)")
        try require(
            rowFraction > 0 && rowFraction <= 1,
            "row_fraction must be in (0, 1], got \(rowFraction)")
        if let validationInterval {
            try require(
                validationInterval >= 1, "validate_every must be ≥ 1, got \(validationInterval)")
        }
        if let patience { try require(patience >= 1, "patience must be ≥ 1, got \(patience)") }
    }

    /// The rows that are trained on, of so many: the fraction rounded up.
    func rows(of count: Int) -> Int {
        // Fractions such as 0.07 are not exact: 100 · 0.07 is a little more than 7.
        max(1, min(count, Int((rowFraction * Double(count) - 1e-9).rounded(.up))))
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
        /// Patience or a ``StoppingRule`` ended it early.
        case stopped
    }

    public let status: Status
    /// The loss of each epoch with dropout on, taken before the epoch's step; with mini-batches
    /// the mean of the losses before each step. A diverged training ends
    /// with the loss that was not finite.
    public let trainingLosses: [Double]
    /// The loss on the validation data, dropout off, after ``epochs`` epochs: after the last one, or with
    /// patience at the best validation. Infinite unless ``status`` is ok or stopped.
    public let validationLoss: Double
    /// The share of validation rows whose class was predicted right then; nil where there are no classes
    /// and unless ``status`` is ok or stopped.
    public let validationAccuracy: Double?
    /// The epochs after which ``validationLoss`` was taken; those that were asked for if it is infinite.
    public let epochs: Int
    /// All validations, if there is an interval: one after each, and one at the end.
    public let validations: [Validation]
    public let parameterCount: Int
    /// Floating-point operations of one row's forward pass.
    public let flops: Int
    /// Time that it took; since the last pause only.
    public let wallSeconds: Double
}

/// One point of a validation curve.
public struct Validation: Sendable, Hashable {
    /// Epochs before it.
    public let epoch: Int
    public let loss: Double
    /// The share of rows whose class is predicted right; nil where there are no classes.
    public let accuracy: Double?

    init(epoch: Int, loss: Double, accuracy: Double? = nil) {
        self.epoch = epoch
        self.loss = loss
        self.accuracy = accuracy
    }
}

/// Trains a candidate on the training data, in batches if it says so, and validates it at the end.
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
    let run = try TrainingRun(
        candidate, on: dataset, settings: settings, initialParameters: initialParameters,
        keepsBest: keepModel)
    let outcome = try run.advance(to: settings.epochs, cancellation: cancellation)
    return (outcome, keepModel ? try run.model() : nil)
}
