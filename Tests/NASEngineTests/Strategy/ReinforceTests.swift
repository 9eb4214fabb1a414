import Glibc
import Testing

@testable import NASEngine

private func controller(feeds: Bool) throws -> Controller {
    try Controller(
        choiceCounts: [3, 1, 4], hiddenSize: 5, feedsPreviousChoice: feeds,
        random: RandomStream(seed: 1))
}

private func reinforce(
    _ options: [String: Value], seed: UInt64 = 1, choices: Int = 3
) throws -> Reinforce {
    try Reinforce(
        space: space([
            ("a", .integer(low: 1, high: choices, log: false)), ("b", .categorical([1, 2])),
        ]), options: Options(options, for: Reinforce.options, of: "Reinforce"),
        random: RandomStream(seed: seed))
}

private let articleForm: [String: Value] = [
    "baseline": false, "rank_reward": false, "entropy_weight": 0.0,
    "feed_previous_choice": false,
]

extension Reinforce {
    fileprivate var weights: Value? {
        guard case .record(let fields) = state else { return nil }
        return fields["controller"]
    }
}

extension Controller {
    /// An episode in which every parameter is active.
    fileprivate func episode(_ choose: (Int, [Double]) -> Int) -> [Step] {
        var steps: [Step] = []
        for head in choiceCounts.indices {
            steps.append(step(head, after: steps.last) { choose(head, $0) })
        }
        return steps
    }
}

@Suite struct ControllerTests {
    @Test(arguments: [true, false]) func gradientMatchesFiniteDifferences(feeds: Bool) throws {
        var controller = try controller(feeds: feeds)
        let choices = [2, 0, 1]
        let (coefficient, entropyWeight) = (1.7, 0.3)
        func objective(_ controller: Controller) -> Double {
            controller.episode { step, _ in choices[step] }.reduce(0) { sum, step in
                let entropy = -step.probabilities.reduce(0) { $0 + $1 * log($1) }
                return sum + coefficient * log(step.probabilities[step.choice])
                    - entropyWeight * entropy
            }
        }
        var gradient = [Double](repeating: 0, count: controller.weights.count)
        controller.accumulateGradient(
            controller.episode { step, _ in choices[step] },
            coefficients: choices.map { _ in coefficient }, entropyWeight: entropyWeight, into: &gradient)
        let step = 1e-6
        for index in controller.weights.indices {
            let kept = controller.weights[index]
            controller.weights[index] = kept + step
            let above = objective(controller)
            controller.weights[index] = kept - step
            let below = objective(controller)
            controller.weights[index] = kept
            #expect(abs(gradient[index] - (above - below) / (2 * step)) < 1e-8)
        }
    }

    @Test func probabilitiesSumToOneAndFollowTheOwnChoices() throws {
        let feeding = try controller(feeds: true)
        let first = feeding.episode { _, _ in 0 }
        let second = feeding.episode { step, _ in step == 0 ? 1 : 0 }
        #expect(first.allSatisfy { abs($0.probabilities.reduce(0, +) - 1) < 1e-12 })
        #expect(first[0].probabilities == second[0].probabilities)
        #expect(first[2].probabilities == second[2].probabilities || first[1].hidden != second[1].hidden)
        #expect(first[1].hidden != second[1].hidden)
        let blind = try controller(feeds: false)
        #expect(
            blind.episode { _, _ in 0 }[1].hidden
                == blind.episode { step, _ in step == 0 ? 1 : 0 }[1].hidden)
    }
}

@Suite struct ReinforceTests {
    /// Weights after one batch in which every architecture had the given values.
    private func moved(
        _ options: [String: Value], _ values: [Double]
    ) throws -> (before: Value?, after: Value?) {
        var strategy = try reinforce(options.merging(["batch_size": .integer(values.count)]) { $1 })
        let before = strategy.weights
        let batch = strategy.propose()
        strategy.observe(zip(batch, values).map { Observation($0.architecture, [$1]) })
        return (before, strategy.weights)
    }

    @Test func aConstantRewardMovesNothing() throws {
        let (before, after) = try moved(["entropy_weight": 0.0], [2, 2, 2, 2])
        #expect(before == after)
    }

    @Test func theArticlesFormPushesDownEveryAction() throws {
        let (before, after) = try moved(articleForm, [2, 2])
        #expect(before != after)
    }

    @Test(arguments: [true, false]) func failuresDoNotPoison(article: Bool) throws {
        var strategy = try reinforce(article ? articleForm : [:])
        for round in 0..<30 {
            let batch = strategy.propose()
            let value = round % 2 == 0 ? .infinity : Double(round)
            strategy.observe(batch.map { Observation($0.architecture, [value]) })
        }
        guard case .record(let tensors) = strategy.weights else {
            Issue.record("no controller in the state")
            return
        }
        for case .list(let values) in tensors.values {
            #expect(values.allSatisfy { $0.number?.isFinite == true })
        }
    }

    /// The advantage is taken before the baseline moves: the second of two values is judged by the
    /// first alone.
    @Test func theBaselineComesFromThePastOnly() throws {
        var strategy = try reinforce(["rank_reward": false, "entropy_weight": 0.0])
        let first = strategy.propose()
        strategy.observe([Observation(first[0].architecture, [4])])
        guard case .record(let fields) = strategy.state else { return }
        #expect(fields["average_value"] == .real(4))
        let before = strategy.weights
        let second = strategy.propose()
        strategy.observe([Observation(second[0].architecture, [4])])
        #expect(strategy.weights == before, "equal to the baseline: no advantage")
        let third = strategy.propose()
        strategy.observe([Observation(third[0].architecture, [5])])
        #expect(strategy.weights != before)
        guard case .record(let after) = strategy.state, case .real(let average) = after["average_value"]
        else { return }
        #expect(abs(average - 4.1) < 1e-12)
    }

    @Test func itLearnsWhatIsBest() throws {
        // Twelve architectures: without repeats they would be used up at once.
        var strategy = try reinforce(["retrain_repeated": true], choices: 6)
        var last: [Double] = []
        for _ in 0..<400 {
            let batch = strategy.propose()
            let values = batch.map { proposal in
                abs((proposal.architecture["a"]?.number ?? 0) - 5)
                    + (proposal.architecture["b"]?.number ?? 0)
            }
            strategy.observe(zip(batch, values).map { Observation($0.architecture, [$1]) })
            last.append(values[0])
        }
        // A uniform policy has the mean 3.33, the best architecture 1.
        #expect(last.suffix(50).reduce(0, +) / 50 < 1.5)
    }

    @Test func rangesOfRealsAreRefused() throws {
        let real = try space([("r", .real(low: 0, high: 1, log: false))])
        #expect(throws: EngineError.self) {
            try AskTell(strategy: "Reinforce", space: real, options: [:], seed: 0)
        }
    }
}
