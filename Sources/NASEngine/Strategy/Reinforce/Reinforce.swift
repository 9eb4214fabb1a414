/// REINFORCE over a recurrent controller that makes one choice after the other.
///
/// Minimises E[value] by the score-function gradient, averaged over a batch of episodes, with Adam. With
/// the default settings the value is turned into an advantage: less a moving-average baseline, divided
/// by the moving average of its distance from it. The article's form multiplies log-probabilities with
/// the bare value instead (all four switches off).
///
/// Sources: Williams 1992 (REINFORCE and its baseline); Zoph and Le, "Neural architecture search with
/// reinforcement learning", ICLR 2017 (controller); Mnih et al. 2016 (entropy bonus and its weight).
struct Reinforce: Strategy {
    static let name = "Reinforce"
    static let summary =
        "A recurrent controller trained by policy gradients (Williams 1992; Zoph and Le 2017)."
    static let options = [
        OptionSpecification(
            "learning_rate", 0.01, .real(0...Double.infinity, openLow: true),
            "Adam's step size for the controller."),
        OptionSpecification("hidden_size", 64, .integer(1...4096), "Units of the controller."),
        OptionSpecification(
            "batch_size", 1, .integer(1...1_000_000), "Episodes per update of the controller."),
        OptionSpecification(
            "baseline", true, .boolean, "Whether a moving average is taken off the reward."),
        OptionSpecification(
            "baseline_decay", 0.9, .real(0...1, openHigh: true),
            "Weight of the past in the moving averages."),
        OptionSpecification(
            "normalize_advantage", true, .boolean,
            "Whether the advantage is divided by the moving average of its size, so that the scale "
                + "of the losses does not matter."),
        OptionSpecification(
            "entropy_weight", 0.01, .real(0...Double.infinity),
            "Weight of the entropy bonus, which keeps the controller exploring."),
        OptionSpecification(
            "feed_previous_choice", true, .boolean,
            "Whether the controller reads its own previous choice; otherwise a zero."),
        OptionSpecification(
            "retrain_repeated", false, .boolean,
            "Whether an architecture that comes up again is evaluated again, as in the published "
                + "script."),
    ]

    private let space: SearchSpace
    private let options: Options
    private let root: RandomStream

    private var controller: Controller
    private var adam: ControllerAdam
    /// Episodes so far.
    private var episodes = 0
    /// Moving averages of the reward and of its distance from that average; nil before the first.
    private var baseline: Double?
    private var scale: Double?
    /// The worst finite value so far, which stands in for a failed candidate's.
    private var worst: Double?

    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError) {
        for parameter in space.parameters where parameter.domain.count ?? .max > Self.largestHead {
            throw .invalidArgument(
                "search_space['\(parameter.name)'] must have at most \(Self.largestHead) choices "
                    + "for Reinforce, got "
                    + (parameter.domain.count.map { "\($0)" } ?? "a range of reals; list some of them"))
        }
        self.space = space
        self.options = options
        root = random
        controller = Controller(
            choiceCounts: space.parameters.compactMap(\.domain.count),
            hiddenSize: options[integer: "hidden_size"],
            feedsPreviousChoice: options[boolean: "feed_previous_choice"],
            random: random.derived("controller"))
        adam = ControllerAdam(
            learningRate: options[real: "learning_rate"], count: controller.weights.count)
    }

    /// Logits that one head may have; a controller cannot learn about more choices one by one.
    private static let largestHead = 10_000

    /// Episodes that may end at a forbidden architecture before one is drawn evenly.
    private static let tries = 100

    mutating func propose() -> [Proposal] {
        (0..<options[integer: "batch_size"]).map { offset in
            var random = root.derived("episode", UInt64(episodes + offset))
            let architecture =
                space.allowed(in: Self.tries) { episode { random.categorical($1) }.architecture }
                ?? space.sample(using: &random)
            return Proposal(architecture, fresh: options[boolean: "retrain_repeated"])
        }
    }

    /// One episode: a decision for each active parameter in order.
    private func episode(
        _ choose: (_ head: Int, _ probabilities: [Double]) -> Int
    ) -> (steps: [Controller.Step], architecture: Architecture) {
        var steps: [Controller.Step] = []
        let architecture = space.build { head in
            let step = controller.step(head, after: steps.last) { choose(head, $0) }
            steps.append(step)
            return space.parameters[head].domain.choice(step.choice)
        }
        return (steps, architecture)
    }

    mutating func observe(_ batch: [Observation]) {
        episodes += batch.count
        var gradient = [Double](repeating: 0, count: controller.weights.count)
        var used = 0
        for observation in batch {
            guard let coefficient = coefficient(observation.value) else { continue }
            let values = space.values(of: observation.architecture)
            let (steps, _) = episode { head, _ in
                values[head].flatMap(space.parameters[head].domain.index) ?? 0
            }
            controller.accumulateGradient(
                steps, coefficient: coefficient,
                entropyWeight: options[real: "entropy_weight"], into: &gradient)
            used += 1
        }
        guard used > 0 else { return }
        for index in gradient.indices { gradient[index] /= Double(used) }
        guard gradient.allSatisfy(\.isFinite) else { return }
        adam.update(&controller.weights, gradient)
    }

    /// The factor of the log-probabilities, minus the advantage; nil if the value says nothing.
    ///
    /// A failed candidate counts like the worst one so far, or in the article's form, which has no
    /// notion of worse than usual, not at all. The averages move after the advantage is taken, except
    /// that the scale includes the present distance: that bounds the advantage by 1 / (1 − decay).
    private mutating func coefficient(_ observed: Double) -> Double? {
        let normalizes = options[boolean: "normalize_advantage"]
        guard options[boolean: "baseline"] || normalizes else {
            return observed.isFinite ? observed : nil
        }
        if observed.isFinite { worst = max(worst ?? observed, observed) }
        guard let value = observed.isFinite ? observed : worst else { return nil }
        let decay = options[real: "baseline_decay"]
        func average(_ past: Double?, _ present: Double) -> Double {
            past.map { decay * $0 + (1 - decay) * present } ?? present
        }
        let expected = options[boolean: "baseline"] ? baseline ?? value : 0
        baseline = average(baseline, value)
        let distance = value - expected
        guard normalizes else { return distance }
        if distance != 0 || scale != nil { scale = average(scale, abs(distance)) }
        guard let scale, scale > 0 else { return 0 }
        return distance / scale
    }
}

// MARK: - State

extension Reinforce {
    /// The controller's tensors by their PyTorch names, row-major, and everything around them.
    var state: Value {
        .record([
            "controller": .record(named(controller.weights)),
            "first_moments": .record(named(adam.first)),
            "second_moments": .record(named(adam.second)),
            "updates": .integer(adam.step),
            "episodes": .integer(episodes),
            "baseline": baseline.map { .real($0) } ?? .none,
            "scale": scale.map { .real($0) } ?? .none,
            "worst": worst.map { .real($0) } ?? .none,
        ])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let weights = try flat(record, "controller")
        let first = try flat(record, "first_moments")
        let second = try flat(record, "second_moments")
        let (updates, episodes) = (try record.count("updates"), try record.count("episodes"))
        (baseline, scale, worst) = (
            try record.value("baseline").number, try record.value("scale").number,
            try record.value("worst").number
        )
        controller.weights = weights
        (adam.first, adam.second, adam.step) = (first, second, updates)
        self.episodes = episodes
    }

    private func named(_ values: [Double]) -> [String: Value] {
        var rest = values[...]
        var fields: [String: Value] = [:]
        for tensor in controller.tensors {
            fields[tensor.name] = .list(rest.prefix(tensor.count).map { .real($0) })
            rest = rest.dropFirst(tensor.count)
        }
        return fields
    }

    private func flat(_ record: Record, _ field: String) throws(EngineError) -> [Double] {
        let tensors = try Record(try record.value(field), field)
        var values: [Double] = []
        for tensor in controller.tensors {
            values += try tensors.reals(tensor.name, count: tensor.count)
        }
        return values
    }
}
