/// What policy gradients learn from: how an architecture compares with those before it, less a baseline.
///
/// The reward is the share of the latest architectures that are worse, minus the share that are better:
/// a number in [−1, 1] whatever the scale of the values, with one objective or several (Pareto dominance),
/// and with failed candidates. The baseline is its moving average (Williams 1992), which moves after the
/// advantage is taken.
struct Reward: Sendable {
    /// Results that a new one is compared with.
    private static let window = 100

    private let decay: Double
    private let usesBaseline: Bool
    private var latest: [Observation] = []
    private var baseline: Double?

    /// - Parameter decay: the weight of the past in the baseline; nil for no baseline.
    init(decay: Double?) {
        self.decay = decay ?? 0
        usesBaseline = decay != nil
    }

    /// The reward of an architecture less the baseline, in [−2, 2].
    mutating func advantage(of observation: Observation) -> Double {
        var wins = 0
        for other in latest {
            if Ranking.dominates(observation, other) { wins += 1 }
            if Ranking.dominates(other, observation) { wins -= 1 }
        }
        let reward = latest.isEmpty ? 0 : Double(wins) / Double(latest.count)
        latest.append(observation)
        if latest.count > Self.window { latest.removeFirst() }
        let expected = baseline ?? 0
        baseline = decay * expected + (1 - decay) * reward
        return usesBaseline ? reward - expected : reward
    }

    var state: Value {
        .record(["latest": .list(latest.map(\.state)), "baseline": baseline.map { .real($0) } ?? .none])
    }

    mutating func restore(_ state: Value, in space: SearchSpace) throws(EngineError) {
        let record = try Record(state, "reward")
        latest = try record.observations("latest", in: space)
        baseline = try record.value("baseline").number
    }
}
