import Testing

@testable import NASEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct AcquisitionTests {
    /// E[max(best − f, 0)] for f normal, by Simpson's rule over ten deviations.
    @Test(arguments: [(0.0, 1.0, 0.0), (0.3, 0.5, -0.2), (-2, 0.1, 1), (1, 2, -3)])
    func expectedImprovementMatchesIntegration(mean: Double, deviation: Double, best: Double) {
        let (low, steps) = (mean - 10 * deviation, 20_000)
        // To where the integrand ends, so that it is smooth all the way.
        let width = (min(best, mean + 10 * deviation) - low) / Double(steps)
        let integral = (0...steps).reduce(0.0) { sum, step in
            let f = low + width * Double(step)
            let share = (f - mean) / deviation
            let density = exp(-0.5 * share * share) / (deviation * (2 * Double.pi).squareRoot())
            let weight = step == 0 || step == steps ? 1.0 : step % 2 == 1 ? 4 : 2
            return sum + weight * width / 3 * (best - f) * density
        }
        let gain = expectedImprovement(mean: mean, deviation: deviation, over: best)
        #expect(abs(gain - integral) < 1e-9)
    }

    @Test func expectedImprovementAtItsLimits() {
        // Nothing uncertain: the improvement itself, or none.
        #expect(abs(expectedImprovement(mean: -1, deviation: 1e-9, over: 0) - 1) < 1e-9)
        #expect(abs(expectedImprovement(mean: 1, deviation: 1e-9, over: 0)) < 1e-12)
    }

    private func history(_ values: [[Double]], violations: [Double] = []) -> History {
        History(
            values.indices.map {
                Observation(
                    Architecture([("n", .integer($0))]), values[$0],
                    violation: violations.isEmpty ? 0 : violations[$0])
            })
    }

    @Test func normalScoresAreRanksWithoutScale() {
        let scores = history([[1e9], [-5], [0], [2e-9], [1]]).normalScores()
        #expect(abs(scores.reduce(0, +)) < 1e-9)
        #expect(scores.indices.sorted { scores[$0] < scores[$1] } == [1, 2, 3, 4, 0])
        // Quantiles of the normal distribution at 0.1, 0.3, 0.5, 0.7, 0.9.
        let quantiles = [-1.2815515655, -0.5244005127, 0, 0.5244005127, 1.2815515655]
        #expect(zip(scores.sorted(), quantiles).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func normalScoresOfTies() {
        let scores = history([[2], [1], [2], [3]]).normalScores()
        #expect(scores[0] == scores[2] && abs(scores[0]) < 1e-9)
        #expect(abs(scores[1] + scores[3]) < 1e-9)
        #expect(history([[4], [4], [4]]).normalScores().allSatisfy { abs($0) < 1e-9 })
        #expect(history([]).normalScores() == [])
        // Those without values, and those that are not allowed, are as bad as the worst.
        let failed = history([[1], [.infinity], [3], [0]], violations: [0, 0, 0, 2]).scalars()
        #expect(failed == [1, 3, 3, 3])
        #expect(history([[.infinity], [.infinity]]).scalars() == [0, 0])
    }

    /// The mean of both transformations, written out for five values.
    @Test func modelTargetsAreRanksAndLogarithms() {
        let values = [3.0, 1, 2, 11, 1.5]
        // From the best, 1, as shares of the median's distance, 2 − 1.
        let logarithms = [2.1, 0.1, 1.1, 10.1, 0.6].map { log($0) }
        let mean = logarithms.reduce(0, +) / 5
        let deviation = (logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5).squareRoot()
        let scores = [0.5244005127, -1.2815515655, 0, 1.2815515655, -0.5244005127]
        let targets = history(values.map { [$0] }).modelTargets()
        for index in values.indices {
            let expected = ((logarithms[index] - mean) / deviation + scores[index]) / 2
            #expect(abs(targets[index] - expected) < 1e-9)
        }
    }

    @Test func modelTargetsOfExtremes() {
        let (huge, tiny) = (Double.greatestFiniteMagnitude, Double.leastNonzeroMagnitude)
        for values in [[-huge, huge, 0], [0, tiny, 0], [1, 1, 1], [0, 0, 1e-300, huge], [7]] {
            #expect(history(values.map { [$0] }).modelTargets().allSatisfy { abs($0) < 4 })
        }
        #expect(history([]).modelTargets() == [])
        // Neither the scale nor the place of the values matters.
        let one = history([[4], [1], [2], [9]]).modelTargets()
        let other = history([[4e8 - 6], [1e8 - 6], [2e8 - 6], [9e8 - 6]]).modelTargets()
        #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    /// The largest weighted share of the ranges, and a twentieth of their sum (Knowles 2006).
    @Test func scalarsOfSeveralObjectives() {
        let scalars = history([[0, 30], [1, 10], [4, 20]]).scalars(weights: [0.25, 0.75])
        for (scalar, expected) in zip(
            scalars, [0.75 + 0.05 * 0.75, 0.0625 + 0.05 * 0.0625, 0.375 + 0.05 * 0.625])
        {
            #expect(abs(scalar - expected) < 1e-12)
        }
        let huge = Double.greatestFiniteMagnitude
        #expect(history([[-huge, 1], [huge, 0], [0, 2]]).scalars().allSatisfy { $0.isFinite })
    }
}
