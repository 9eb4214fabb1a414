#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Proximal policy optimisation of the recurrent controller.
///
/// Several steps against each batch of episodes, by the clipped surrogate objective
/// E[min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A)] over single decisions, ρ being the ratio of a decision's probability
/// to that at the time of drawing. Sources: Schulman et al., "Proximal policy optimization algorithms", 2017;
/// for architecture search Zoph et al., CVPR 2018.
struct PPO: Strategy {
    static let name = "PPO"
    static let summary =
        "A recurrent controller trained by clipped policy gradients (Schulman et al. 2017)."
    static let options = [
        OptionSpecification(
            "learning_rate", 0.02, .real(0...Double.infinity, openLow: true),
            "Adam's step size for the controller."),
        OptionSpecification("hidden_size", 32, .integer(1...4096), "Units of the controller."),
        OptionSpecification("batch_size", 10, .integer(1...1_000_000), "Episodes at a time."),
        OptionSpecification(
            "update_steps", 4, .integer(1...10_000), "Steps of the controller per batch."),
        OptionSpecification(
            "clip_range", 0.2, .real(0...1, openLow: true),
            "Change of a probability beyond which it is not followed further."),
        OptionSpecification(
            "baseline_decay", 0.9, .real(0...1, openHigh: true),
            "Weight of the past in the moving average that is taken off the reward."),
        OptionSpecification(
            "entropy_weight", 0.03, .real(0...Double.infinity),
            "Weight of the entropy bonus, which keeps the controller exploring."),
    ]

    private let options: Options
    private let root: RandomStream
    private var policy: Policy
    private var reward: Reward
    private var history = History()

    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError) {
        self.options = options
        root = random
        policy = try Policy(
            space: space, strategy: Self.name, hiddenSize: options[integer: "hidden_size"],
            feedsPreviousChoice: true, learningRate: options[real: "learning_rate"],
            random: random.derived("controller"))
        reward = Reward(decay: options[real: "baseline_decay"])
    }

    mutating func propose() -> [Proposal] {
        policy.proposals(options[integer: "batch_size"], history, root)
    }

    mutating func observe(_ batch: [Observation]) {
        let advantages = batch.map { observation in
            let advantage = reward.advantage(of: observation, after: history.observations)
            history.add([observation])
            return advantage
        }
        // The controller has not moved since it proposed them: these are the probabilities that they were drawn with,
        // or would have been where they came from elsewhere.
        let drawn = batch.map { observation in
            policy.steps(to: observation.architecture).map { $0.probabilities[$0.choice] }
        }
        let clip = options[real: "clip_range"]
        for _ in 0..<options[integer: "update_steps"] {
            let episodes = batch.indices.map { index in
                let steps = policy.steps(to: batch[index].architecture)
                let coefficients = zip(steps, drawn[index]).map { step, old in
                    let ratio = step.probabilities[step.choice] / max(old, 1e-12)
                    return Self.coefficient(ratio: ratio, advantage: advantages[index], clip: clip)
                }
                return (steps: steps, coefficients: coefficients)
            }
            policy.update(episodes, entropyWeight: options[real: "entropy_weight"])
        }
    }

    /// Minus the derivative of the surrogate by a decision's log-probability; 0 where it is clipped.
    static func coefficient(ratio: Double, advantage: Double, clip: Double) -> Double {
        let isClipped = advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip
        return isClipped ? 0 : -ratio * advantage
    }

    var state: Value {
        .record(
            policy.fields.merging([
                "history": history.state, "baseline": .real(reward.baseline),
            ]) { $1 })
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let observations = try record.observations("history", in: policy.space)
        let baseline = try record.real("baseline")
        try policy.restore(record)
        reward.restore(baseline: baseline)
        history = History(observations)
    }
}
