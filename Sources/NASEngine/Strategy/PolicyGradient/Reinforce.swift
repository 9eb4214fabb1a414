/// REINFORCE over a recurrent controller that makes one choice after the other.
///
/// Ascends E[reward] by the score-function gradient, averaged over a batch of episodes, with Adam. The
/// article's form multiplies log-probabilities with the bare value instead, and has neither baseline nor
/// entropy bonus (all four switches off).
///
/// Sources: Williams 1992 (REINFORCE and its baseline); Zoph and Le, "Neural architecture search with
/// reinforcement learning", ICLR 2017 (controller); Mnih et al. 2016 (entropy bonus).
struct Reinforce: Strategy {
    static let name = "Reinforce"
    static let summary =
        "A recurrent controller trained by policy gradients (Williams 1992; Zoph and Le 2017)."
    static let options = [
        OptionSpecification(
            "learning_rate", 0.003, .real(0...Double.infinity, openLow: true),
            "Adam's step size for the controller."),
        OptionSpecification("hidden_size", 64, .integer(1...4096), "Units of the controller."),
        OptionSpecification(
            "batch_size", 1, .integer(1...1_000_000), "Episodes per update of the controller."),
        OptionSpecification(
            "baseline", true, .boolean, "Whether a moving average is taken off the reward."),
        OptionSpecification(
            "baseline_decay", 0.9, .real(0...1, openHigh: true),
            "Weight of the past in the moving average."),
        OptionSpecification(
            "rank_reward", true, .boolean,
            "Whether the reward is how many of the last 100 results are worse, so that the scale of "
                + "the losses does not matter; otherwise minus the value, or the sum of several."),
        OptionSpecification(
            "entropy_weight", 0.03, .real(0...Double.infinity),
            "Weight of the entropy bonus, which keeps the controller exploring."),
        OptionSpecification(
            "feed_previous_choice", true, .boolean,
            "Whether the controller reads its own previous choice; otherwise a zero."),
        OptionSpecification(
            "retrain_repeated", false, .boolean,
            "Whether architectures may come up again and are then evaluated again, as in the "
                + "published script; otherwise they are drawn again where a few tries help."),
    ]

    private let options: Options
    private let root: RandomStream
    private var policy: Policy
    private var reward: Reward
    private var history = History()
    /// The moving average of bare values; nil before the first.
    private var averageValue: Double?

    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError) {
        self.options = options
        root = random
        policy = try Policy(
            space: space, strategy: Self.name, hiddenSize: options[integer: "hidden_size"],
            feedsPreviousChoice: options[boolean: "feed_previous_choice"],
            learningRate: options[real: "learning_rate"], random: random.derived("controller"))
        reward = Reward(
            decay: options[boolean: "baseline"] ? options[real: "baseline_decay"] : nil)
    }

    mutating func propose() -> [Proposal] {
        let (count, repeats) = (options[integer: "batch_size"], options[boolean: "retrain_repeated"])
        guard repeats else { return policy.proposals(count, history, root) }
        return (0..<count).map { offset in
            var random = root.derived("episode", UInt64(history.count + offset))
            return Proposal(policy.sample(using: &random), fresh: true)
        }
    }

    mutating func observe(_ batch: [Observation]) {
        var used: [(steps: [Controller.Step], coefficients: [Double])] = []
        for observation in batch {
            let coefficient = coefficient(observation)
            history.add([observation])
            guard let coefficient else { continue }
            let steps = policy.steps(to: observation.architecture)
            used.append((steps, steps.map { _ in coefficient }))
        }
        policy.update(used, entropyWeight: options[real: "entropy_weight"])
    }

    /// The factor of the log-probabilities, minus the advantage; nil if the value says nothing: a bare
    /// value that is infinite has no notion of worse than usual.
    private mutating func coefficient(_ observation: Observation) -> Double? {
        if options[boolean: "rank_reward"] {
            return -reward.advantage(of: observation, after: history.observations)
        }
        let value = observation.values.reduce(0, +)
        guard value.isFinite else { return nil }
        guard options[boolean: "baseline"] else { return value }
        let expected = averageValue ?? value
        let decay = options[real: "baseline_decay"]
        averageValue = decay * expected + (1 - decay) * value
        return value - expected
    }

    var state: Value {
        .record(
            policy.fields.merging([
                "history": history.state, "baseline": .real(reward.baseline),
                "average_value": averageValue.map { .real($0) } ?? .none,
            ]) { $1 })
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let observations = try record.observations("history", in: policy.space)
        let (baseline, average) = (try record.real("baseline"), try record.value("average_value"))
        try policy.restore(record)
        reward.restore(baseline: baseline)
        averageValue = average.number
        history = History(observations)
    }
}
