#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Gaussian-process regression with a Matérn 5/2 kernel and a length for each coordinate.
///
/// Source: Rasmussen and Williams, "Gaussian processes for machine learning", 2006, algorithm 2.1 and
/// section 5.4.1. Targets are expected to have mean 0 and variance about 1. O(n³) to make, O(n²) to ask.
struct GaussianProcess {
    /// What the kernel depends on, as logarithms.
    struct Hyperparameters: Equatable, Sendable {
        var lengths: [Double]
        var noise: Double

        init(dimension: Int) {
            lengths = Array(repeating: 0, count: dimension)
            noise = log(0.1)
        }
    }

    private let inverseLengths: [Double]
    private let points: [[Double]]
    /// The lower triangle L of the covariance L·Lᵀ, row-major.
    private let factor: [Double]
    private let weights: [Double]
    /// The mean at each of the points: with noise σ² and weights w, it is y − σ²·w.
    let fittedMeans: [Double]
    /// The log marginal likelihood of the targets and the log-priors of the hyperparameters, without their
    /// constants.
    let logPosterior: Double

    /// What keeps the decomposition positive where points coincide.
    private static let jitter = 1e-8

    /// - Parameters:
    ///   - points: n points of one dimension, n ≥ 1.
    ///   - targets: one number each.
    init(_ points: [[Double]], _ targets: [Double], _ hyperparameters: Hyperparameters) {
        let count = points.count
        let inverseLengths = hyperparameters.lengths.map { exp(-$0) }
        let noise = exp(hyperparameters.noise)
        var factor = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0...row {
                factor[row * count + column] =
                    Self.kernel(points[row], points[column], inverseLengths)
                    + (row == column ? noise + Self.jitter : 0)
            }
        }
        Self.decompose(&factor, count)
        let half = Self.solve(factor, count, targets)
        var fit = 0.0
        var weights = half
        for row in stride(from: count - 1, through: 0, by: -1) {
            fit -= 0.5 * half[row] * half[row] + log(factor[row * count + row])
            var sum = weights[row]
            for below in row + 1..<max(count, row + 1) { sum -= factor[below * count + row] * weights[below] }
            weights[row] = sum / factor[row * count + row]
        }
        // Lengths about the width of the space, noise about a tenth, each within a factor of e or so.
        for length in hyperparameters.lengths { fit -= 0.5 * length * length / 1.5 }
        fit -= 0.5 * pow(hyperparameters.noise - log(0.1), 2) / 2
        self.points = points
        self.inverseLengths = inverseLengths
        self.factor = factor
        self.weights = weights
        fittedMeans = zip(targets, weights).map { $0 - (noise + Self.jitter) * $1 }
        logPosterior = fit
    }

    /// Mean and variance of the function at a point, without the noise.
    func predict(_ point: [Double]) -> (mean: Double, variance: Double) {
        let covariances = covariances(point)
        return (mean(covariances), variance(covariances))
    }

    /// The expected improvement over `best` at a point, 0 instead where it is not above `bound`.
    func improvement(at point: [Double], over best: Double, bound: Double) -> (mean: Double, gain: Double) {
        let covariances = covariances(point)
        let mean = mean(covariances)
        // The variance takes n² operations, and is never more than the kernel's.
        guard expectedImprovement(mean: mean, deviation: 1, over: best) > bound else { return (mean, 0) }
        let deviation = variance(covariances).squareRoot()
        return (mean, expectedImprovement(mean: mean, deviation: deviation, over: best))
    }

    private func covariances(_ point: [Double]) -> [Double] {
        points.map { Self.kernel($0, point, inverseLengths) }
    }

    private func mean(_ covariances: [Double]) -> Double {
        var mean = 0.0
        for index in points.indices { mean += covariances[index] * weights[index] }
        return mean
    }

    private func variance(_ covariances: [Double]) -> Double {
        let half = Self.solve(factor, points.count, covariances)
        var explained = 0.0
        for value in half { explained += value * value }
        return max(1 - explained, 1e-10)
    }

    private static func kernel(_ a: [Double], _ b: [Double], _ inverseLengths: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices {
            let distance = (a[index] - b[index]) * inverseLengths[index]
            sum += distance * distance
        }
        let r = (5 * sum).squareRoot()
        return (1 + r + r * r / 3) * exp(-r)
    }

    /// Cholesky's decomposition of the lower triangle, in place.
    private static func decompose(_ matrix: inout [Double], _ count: Int) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            for row in 0..<count {
                for column in 0...row {
                    var sum = matrix[row * count + column]
                    for index in 0..<column {
                        sum -= matrix[row * count + index] * matrix[column * count + index]
                    }
                    matrix[row * count + column] =
                        row == column
                        ? max(sum, 1e-12).squareRoot() : sum / matrix[column * count + column]
                }
            }
        }
    }

    /// L⁻¹·b.
    private static func solve(_ factor: [Double], _ count: Int, _ b: [Double]) -> [Double] {
        var x = b
        factor.withUnsafeBufferPointer { factor in
            x.withUnsafeMutableBufferPointer { x in
                for row in 0..<count {
                    var sum = x[row]
                    for column in 0..<row { sum -= factor[row * count + column] * x[column] }
                    x[row] = sum / factor[row * count + row]
                }
            }
        }
        return x
    }
}

// MARK: - Hyperparameters

extension GaussianProcess.Hyperparameters {
    /// These, moved to a local optimum of the posterior by a search along the axes.
    func fitted(to points: [[Double]], _ targets: [Double]) -> Self {
        var best = self
        var value = GaussianProcess(points, targets, best).logPosterior
        for step in [1.0, 0.5] {
            for index in 0...lengths.count {
                for direction in [step, -step] {
                    var tried = best
                    if index < lengths.count {
                        tried.lengths[index] = min(max(tried.lengths[index] + direction, -3), 3)
                    } else {
                        tried.noise = min(max(tried.noise + direction, log(1e-4)), 0)
                    }
                    let candidate = GaussianProcess(points, targets, tried).logPosterior
                    if candidate > value { (best, value) = (tried, candidate) }
                }
            }
        }
        return best
    }
}
