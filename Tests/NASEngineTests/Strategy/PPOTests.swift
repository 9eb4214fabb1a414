import Testing

@testable import NASEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct PPOTests {
    /// min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A), Schulman et al. 2017, equation 7.
    private func surrogate(_ ratio: Double, _ advantage: Double) -> Double {
        min(ratio * advantage, min(max(ratio, 0.8), 1.2) * advantage)
    }

    @Test(arguments: [-0.7, 0.5]) func coefficientsMatchFiniteDifferences(advantage: Double) {
        for ratio in [0.1, 0.79, 0.81, 1, 1.19, 1.21, 3] {
            // The ratio's logarithm moves with the log-probability.
            let step = 1e-6
            let slope =
                (surrogate(ratio * exp(step), advantage) - surrogate(ratio * exp(-step), advantage))
                / (2 * step)
            let coefficient = PPO.coefficient(ratio: ratio, advantage: advantage, clip: 0.2)
            #expect(abs(coefficient + slope) < 1e-8)
        }
        #expect(PPO.coefficient(ratio: 1.21, advantage: 1, clip: 0.2) == 0)
        #expect(PPO.coefficient(ratio: 0.79, advantage: -1, clip: 0.2) == 0)
        #expect(PPO.coefficient(ratio: 0.5, advantage: 1, clip: 0.2) == -0.5)
    }

    private func policy(_ space: SearchSpace) throws -> Policy {
        try Policy(
            space: space, strategy: "PPO", hiddenSize: 5, feedsPreviousChoice: true, learningRate: 0.01,
            random: RandomStream(seed: 1))
    }

    /// The gradient by the controller's weights of the mean surrogate of some episodes.
    @Test func theSurrogatesGradientMatchesFiniteDifferences() throws {
        let space = try space([("a", .categorical([1, 2, 3])), ("b", .categorical([1, 2]))])
        var random = RandomStream(seed: 2)
        let old = try policy(space)
        var controller = old.controller
        // Away from the point where all ratios are 1, some beyond the clip.
        for index in controller.weights.indices { controller.weights[index] += 0.3 * random.normal() }
        let episodes = (0..<6).map { space[$0] }
        let advantages = [0.4, -0.6, 0.9, -0.2, 0.7, -0.9]
        func steps(_ controller: Controller, _ architecture: Architecture) -> [Controller.Step] {
            var steps: [Controller.Step] = []
            for (head, value) in space.values(of: architecture).enumerated() {
                let choice = value.flatMap(space.parameters[head].domain.index) ?? 0
                steps.append(controller.step(head, after: steps.last) { _ in choice })
            }
            return steps
        }
        func ratios(_ controller: Controller, _ architecture: Architecture) -> [Double] {
            zip(steps(controller, architecture), old.steps(to: architecture)).map {
                $0.probabilities[$0.choice] / $1.probabilities[$1.choice]
            }
        }
        func objective(_ controller: Controller) -> Double {
            zip(episodes, advantages).reduce(0) { sum, episode in
                sum + ratios(controller, episode.0).reduce(0) { $0 + surrogate($1, episode.1) }
            }
        }
        var gradient = [Double](repeating: 0, count: controller.weights.count)
        var clipped = 0
        for (episode, advantage) in zip(episodes, advantages) {
            let coefficients = ratios(controller, episode).map {
                PPO.coefficient(ratio: $0, advantage: advantage, clip: 0.2)
            }
            clipped += coefficients.lazy.filter { $0 == 0 }.count
            controller.accumulateGradient(
                steps(controller, episode), coefficients: coefficients, entropyWeight: 0, into: &gradient)
        }
        #expect((1..<12).contains(clipped))
        for index in controller.weights.indices {
            let (kept, step) = (controller.weights[index], 1e-6)
            controller.weights[index] = kept + step
            let above = objective(controller)
            controller.weights[index] = kept - step
            let below = objective(controller)
            controller.weights[index] = kept
            // Minimised, so the gradient has the other sign.
            #expect(abs(gradient[index] + (above - below) / (2 * step)) < 1e-7)
        }
    }

    /// Σ p(architecture)·∇log p(architecture) = 0: what all episodes have in common moves nothing on average.
    @Test func theExpectedGradientOfAConstantRewardIsZero() throws {
        let space = try SearchSpace([
            Parameter("a", .categorical([1, 2, 3])),
            Parameter("b", .categorical([1, 2]), when: [Condition("a", .categorical([2, 3]))]),
        ])
        let policy = try policy(space)
        var gradient = [Double](repeating: 0, count: policy.controller.weights.count)
        var (total, largest) = (0.0, 0.0)
        for index in 0..<(try #require(space.count)) {
            let steps = policy.steps(to: space[index])
            let probability = steps.reduce(1) { $0 * $1.probabilities[$1.choice] }
            total += probability
            let before = gradient
            policy.controller.accumulateGradient(
                steps, coefficients: steps.map { _ in 0.7 * probability }, entropyWeight: 0, into: &gradient)
            largest = zip(gradient, before).reduce(largest) { max($0, abs($1.0 - $1.1)) }
        }
        #expect(abs(total - 1) < 1e-12)
        #expect(largest > 0.01)
        #expect(gradient.allSatisfy { abs($0) < 1e-12 })
    }

    @Test func constantResultsMoveNothing() throws {
        var search = try strategy(PPO.self, digits(3), ["entropy_weight": 0.0])
        guard case .record(let before) = search.state else { return }
        run(&search, batches: 5) { _ in 3 }
        guard case .record(let after) = search.state else { return }
        #expect(before["controller"] == after["controller"])
    }

    @Test func itLearnsWhatIsBest() throws {
        var search = try strategy(PPO.self, digits(4), ["hidden_size": 8])
        let values = run(&search, batches: 40) { $0.numbers.reduce(0, +) }.map { $0.values[0] }
        // Even draws have the mean 18.
        #expect(values.suffix(100).reduce(0, +) / 100 < 9)
    }
}
