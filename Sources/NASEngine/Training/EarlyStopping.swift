/// When a training ends before its time, judged at each validation by its validation curve so far.
///
/// Whoever makes a rule from other trainings decides which of them it may know.
public struct StoppingRule: Sendable, Hashable {
    /// Stops a training that is unlikely to become better than another one.
    public struct Forecast: Sendable, Hashable {
        /// The validation loss to be beaten.
        public var goal: Double
        /// The probability below which it stops, in (0, 1).
        public var probability: Double
        /// Epochs before which it never stops.
        public var firstEpoch: Int

        public init(goal: Double, probability: Double, firstEpoch: Int = 0) {
            self.goal = goal
            self.probability = probability
            self.firstEpoch = firstEpoch
        }
    }

    /// For each validation in order, the loss that the best one so far must not exceed; infinite for none,
    /// as for those beyond the end.
    public var thresholds: [Double]
    public var forecast: Forecast?

    /// The rule that never stops, unless something is given.
    public init(thresholds: [Double] = [], forecast: Forecast? = nil) {
        self.thresholds = thresholds
        self.forecast = forecast
    }

    /// Throws if it is not allowed, or if a training of these settings has no validations to judge.
    func check(_ settings: TrainingSettings) throws(EngineError) {
        try require(!thresholds.contains { $0.isNaN }, "thresholds must be numbers, got nan")
        if let forecast {
            try require(!forecast.goal.isNaN, "goal must be a number, got nan")
            try require(
                forecast.probability > 0 && forecast.probability < 1,
                "probability must be in (0, 1), got \(forecast.probability)")
        }
        try require(
            settings.validationInterval != nil || (thresholds.isEmpty && forecast == nil),
            "validate_every must be given for a stopping rule, got none")
    }
}

/// Patience and a rule at work on one validation curve.
struct EarlyStopping {
    private let rule: StoppingRule
    private let patience: Int
    private var count = 0
    private var checksSinceBest = 0
    private var extrapolation: CurveExtrapolation?
    /// The least loss so far, at its first validation.
    private(set) var best: Validation?

    init(_ rule: StoppingRule, _ settings: TrainingSettings) {
        self.rule = rule
        patience = settings.patience ?? .max
        extrapolation = rule.forecast.map { _ in CurveExtrapolation(horizon: settings.epochs) }
    }

    /// Whether to stop at the next validation; all of them must be given in order.
    mutating func stops(_ point: Validation) -> Bool {
        let (epoch, loss) = (point.epoch, point.loss)
        let threshold = count < rule.thresholds.count ? rule.thresholds[count] : .infinity
        count += 1
        checksSinceBest += 1
        var least = loss
        if let best, best.loss <= loss {
            least = best.loss
        } else {
            best = point
            checksSinceBest = 0
        }
        extrapolation?.observe(epoch: epoch, loss: loss)
        if checksSinceBest >= patience || least > threshold { return true }
        guard let forecast = rule.forecast, epoch >= forecast.firstEpoch,
            let probability = extrapolation?.probability(below: forecast.goal)
        else { return false }
        return probability < forecast.probability
    }
}
