/// What policy gradients learn from: how an architecture compares with those before it, less a baseline.
///
/// The reward is the share of the latest architectures that are worse, minus the share that are better:
/// a number in [−1, 1] whatever the scale of the values, with one objective or several (Pareto dominance),
/// and with failed candidates. The baseline is its moving average (Williams 1992), which moves after the
/// advantage is taken.
struct Reward: Sendable {
    /// Results that a new one is compared with.
    private static let window = 100

    /// The weight of the past in the baseline; nil for no baseline.
    private let decay: Double?
    private(set) var baseline = 0.0

    init(decay: Double?) { self.decay = decay }

    /// The reward of an architecture less the baseline, in [−2, 2].
    ///
    /// - Parameter earlier: the observations before it, in order.
    mutating func advantage(of observation: Observation, after earlier: [Observation]) -> Double {
        let latest = earlier.suffix(Self.window)
        var wins = 0
        for other in latest {
            if Ranking.dominates(observation, other) { wins += 1 }
            if Ranking.dominates(other, observation) { wins -= 1 }
        }
        let reward = latest.isEmpty ? 0 : Double(wins) / Double(latest.count)
        guard let decay else { return reward }
        let expected = baseline
        baseline = decay * expected + (1 - decay) * reward
        return reward - expected
    }

    mutating func restore(baseline: Double) { self.baseline = baseline }
}
