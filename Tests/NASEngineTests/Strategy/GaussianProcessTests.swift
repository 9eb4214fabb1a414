import Testing

@testable import NASEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Gauss and Jordan with pivoting: the solution of A·x = b and the logarithm of |det A|.
private func solve(_ matrix: [[Double]], _ b: [Double]) -> (solution: [Double], logDeterminant: Double) {
    var rows = zip(matrix, b).map { $0 + [$1] }
    var logDeterminant = 0.0
    for pivot in rows.indices {
        let largest = rows.indices[pivot...].max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) } ?? pivot
        rows.swapAt(pivot, largest)
        logDeterminant += log(abs(rows[pivot][pivot]))
        for row in rows.indices where row != pivot {
            let factor = rows[row][pivot] / rows[pivot][pivot]
            for column in rows[row].indices { rows[row][column] -= factor * rows[pivot][column] }
        }
    }
    return (rows.indices.map { rows[$0][rows.count] / rows[$0][$0] }, logDeterminant)
}

/// Matérn 5/2 as in Rasmussen and Williams, equation 4.17, with a length for each coordinate.
private func matern(_ a: [Double], _ b: [Double], _ lengths: [Double]) -> Double {
    let r = zip(zip(a, b), lengths).reduce(0.0) { sum, item in
        let share = (item.0.0 - item.0.1) / item.1
        return sum + share * share
    }.squareRoot()
    return (1 + 5.0.squareRoot() * r + 5 * r * r / 3) * exp(-5.0.squareRoot() * r)
}

@Suite struct GaussianProcessTests {
    private let points = [[0.1, 0.2], [0.9, 0.4], [0.5, 0.5], [0.3, 0.9], [0.52, 0.5]]
    private let targets = [1.0, -0.4, 0.3, -1.1, 0.2]
    private let lengths = [0.4, 1.3]
    private let noise = 0.05

    private func hyperparameters(_ lengths: [Double], _ noise: Double) -> GaussianProcess.Hyperparameters {
        var hyperparameters = GaussianProcess.Hyperparameters(dimension: lengths.count)
        hyperparameters.lengths = lengths.map { log($0) }
        hyperparameters.noise = log(noise)
        return hyperparameters
    }

    private func covariance(_ lengths: [Double], _ noise: Double) -> [[Double]] {
        points.indices.map { row in
            points.indices.map { column in
                // The model adds 1e-8 to the noise, so that it can always be decomposed.
                matern(points[row], points[column], lengths) + (row == column ? noise + 1e-8 : 0)
            }
        }
    }

    @Test func predictionsMatchADirectSolution() {
        let model = GaussianProcess(points, targets, hyperparameters(lengths, noise))
        let matrix = covariance(lengths, noise)
        for point in points + [[0.0, 0.0], [0.7, 0.1], [5, 5]] {
            let covariances = points.map { matern($0, point, lengths) }
            let mean = zip(covariances, solve(matrix, targets).solution).reduce(0) { $0 + $1.0 * $1.1 }
            let explained = zip(covariances, solve(matrix, covariances).solution)
                .reduce(0) { $0 + $1.0 * $1.1 }
            let predicted = model.predict(point)
            #expect(abs(predicted.mean - mean) < 1e-10)
            #expect(abs(predicted.variance - (1 - explained)) < 1e-10)
        }
    }

    @Test func shortcutsAgreeWithPredictions() {
        let model = GaussianProcess(points, targets, hyperparameters(lengths, noise))
        for (point, mean) in zip(points, model.fittedMeans) {
            #expect(abs(model.predict(point).mean - mean) < 1e-10)
        }
        for point in points + [[0.0, 0.0], [0.7, 0.1], [5, 5]] {
            let (mean, variance) = model.predict(point)
            let gain = expectedImprovement(mean: mean, deviation: variance.squareRoot(), over: -0.5)
            #expect(model.improvement(at: point, over: -0.5, bound: -1) == (mean, gain))
            // A bound that is reached must not hide a gain above it, whatever else it hides.
            #expect(model.improvement(at: point, over: -0.5, bound: gain.nextDown) == (mean, gain))
            #expect(model.improvement(at: point, over: -0.5, bound: 10) == (mean, 0))
        }
    }

    @Test func withoutNoiseItInterpolates() {
        let model = GaussianProcess(points, targets, hyperparameters([0.3, 0.3], 1e-9))
        for (point, target) in zip(points, targets) {
            #expect(abs(model.predict(point).mean - target) < 1e-4)
            #expect(model.predict(point).variance < 1e-6)
        }
        let far = model.predict([40, -40])
        #expect(abs(far.mean) < 1e-12 && abs(far.variance - 1) < 1e-12)
    }

    /// −½·yᵀK⁻¹y − ½·log |K|, and the normal priors of the logarithms.
    @Test func thePosteriorMatchesTheNaiveFormula() {
        for (lengths, noise) in [(lengths, noise), ([1, 1], 0.1), ([0.05, 3], 0.9)] {
            let (solution, logDeterminant) = solve(covariance(lengths, noise), targets)
            let fit = -0.5 * zip(targets, solution).reduce(0) { $0 + $1.0 * $1.1 } - 0.5 * logDeterminant
            let priors =
                lengths.reduce(0) { $0 - log($1) * log($1) / (2 * 1.5) }
                - log(noise / 0.1) * log(noise / 0.1) / (2 * 2)
            let model = GaussianProcess(points, targets, hyperparameters(lengths, noise))
            #expect(abs(model.logPosterior - (fit + priors)) < 1e-9)
        }
    }

    @Test func equalPointsAndOnePointAreSurvived() {
        let same = GaussianProcess([[0.5], [0.5]], [1, -1], hyperparameters([1], 1e-9))
        #expect(abs(same.predict([0.5]).mean) < 1e-6 && same.logPosterior.isFinite)
        let one = GaussianProcess([[0.5]], [1], hyperparameters([1], 0.1))
        #expect(abs(one.predict([0.5]).mean - 1 / 1.1) < 1e-7)
    }

    /// A function of the first coordinate alone: the length of the other grows, and the posterior with it.
    @Test func hyperparametersAreFitted() {
        var random = RandomStream(seed: 1)
        let points = (0..<40).map { _ in [random.uniform(), random.uniform()] }
        let targets = points.map { 1.4 * sin(9 * $0[0]) }
        let start = GaussianProcess.Hyperparameters(dimension: 2)
        let fitted = start.fitted(to: points, targets)
        #expect(fitted.lengths[0] < 0 && fitted.lengths[1] > 0 && fitted.noise < start.noise)
        #expect(
            GaussianProcess(points, targets, fitted).logPosterior
                > GaussianProcess(points, targets, start).logPosterior)
    }
}
