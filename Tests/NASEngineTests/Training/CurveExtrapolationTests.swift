import Glibc
import Testing

@testable import NASEngine

/// The extrapolation of the first `count` points of a curve that ends at `horizon`.
private func observed(
    _ count: Int, horizon: Int = 400, every: Int = 1, _ curve: (Double) -> Double
) -> CurveExtrapolation {
    var result = CurveExtrapolation(horizon: horizon)
    for index in 1...count { result.observe(epoch: index * every, loss: curve(Double(index * every))) }
    return result
}

@Suite struct CurveExtrapolationTests {
    /// Curves of both families whose exponents are not on the grid.
    @Test(arguments: [
        (0.3, 0.7, 0.61), (0.0, 2.0, 0.23), (1.5, -0.4, 1.37),
    ]) func findsTheEndOfAPowerLaw(c: Double, a: Double, alpha: Double) throws {
        let curve = { (t: Double) in c + a * pow(t, -alpha) }
        let forecast = try #require(observed(150, curve).forecast)
        // Between two points of the grid, 15 % apart.
        #expect(abs(forecast.mean - curve(400)) < 0.005 * abs(a))
        #expect(forecast.deviation < 0.02 * abs(a))
    }

    @Test(arguments: [0.005, 0.02, 0.1]) func findsTheEndOfAnExponential(rate: Double) throws {
        let curve = { (t: Double) in 0.2 + exp(-rate * t) }
        let forecast = try #require(observed(75, every: 2, curve).forecast)
        // Likewise, 19 % apart.
        #expect(abs(forecast.mean - curve(400)) < 0.02)
    }

    @Test func isSurerTheMoreItHasSeen() throws {
        // A fixed wobble of 1 % in place of noise.
        let curve = { (t: Double) in 0.3 + pow(t, -0.5) + 0.01 * sin(12.9898 * t * t) }
        let deviations = try [20, 60, 200].map { count in
            try #require(observed(count, curve).forecast).deviation
        }
        #expect(deviations[0] > deviations[1])
        #expect(deviations[1] > deviations[2])
        let end = try #require(observed(200, curve).forecast)
        #expect(abs(end.mean - 0.35) < 3 * end.deviation)
    }

    @Test func probabilitiesAreThoseOfTheForecast() throws {
        let curve = { (t: Double) in 0.3 + pow(t, -0.5) + 0.01 * sin(12.9898 * t * t) }
        let extrapolation = observed(150, curve)
        let forecast = try #require(extrapolation.forecast)
        let probabilities = try [-3.0, -1, 0, 1, 3].map { step in
            try #require(
                extrapolation.probability(below: forecast.mean + step * forecast.deviation))
        }
        #expect(probabilities == probabilities.sorted())
        #expect(probabilities[0] < 0.03)
        #expect(abs(probabilities[2] - 0.5) < 0.15)
        #expect(probabilities[4] > 0.97)
        #expect(extrapolation.probability(below: -.infinity) == 0)
        #expect(extrapolation.probability(below: .infinity) == 1)
    }

    @Test func fewPointsSayNothing() {
        #expect(observed(4) { 1 / $0 }.forecast == nil)
        #expect(observed(4) { 1 / $0 }.probability(below: 1) == nil)
        #expect(observed(5) { 1 / $0 }.forecast != nil)
    }

    @Test(arguments: [0, 1, -2, 1e-30, 1e30]) func aConstantStaysOne(value: Double) throws {
        let forecast = try #require(observed(20) { _ in value }.forecast)
        #expect(abs(forecast.mean - value) <= 1e-5 * abs(value))
        #expect(forecast.deviation.isFinite)
    }

    @Test func anyHorizonGivesANumber() throws {
        for horizon in [1, 2, 5, 1 << 62] {
            let extrapolation = observed(20, horizon: horizon) { 1 / $0 }
            #expect(try #require(extrapolation.forecast).mean.isFinite)
        }
    }

    /// Of tables: t such that the probability is 0.975.
    @Test(arguments: [(1, 12.7062), (2, 4.30265), (3, 3.18245), (10, 2.22814), (101, 1.98373)])
    func studentAgreesWithTables(freedom: Int, t: Double) {
        let probability = CurveExtrapolation.studentProbability(t, freedom: freedom)
        #expect(abs(probability - 0.975) < 1e-6)
        let other = CurveExtrapolation.studentProbability(-t, freedom: freedom)
        #expect(abs(other - 0.025) < 1e-6)
    }
}
