#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the model-based strategies share: targets that models like, and candidates to choose from.
extension History {
    /// The observations as normal scores of their ranks: mean about 0, variance at most 1, whatever the values'
    /// scale and outliers; equal values have equal scores, those of their mean rank.
    func normalScores(weights: [Double]? = nil) -> [Double] {
        Self.normalScores(scalars(weights: weights))
    }

    private static func normalScores(_ scalars: [Double]) -> [Double] {
        let order = scalars.indices.sorted { (scalars[$0], $0) < (scalars[$1], $1) }
        var scores = [Double](repeating: 0, count: scalars.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count, scalars[order[end]] == scalars[order[first]] { end += 1 }
            let rank = (Double(first + end - 1) / 2 + 0.5) / Double(order.count)
            for position in first..<end { scores[order[position]] = normalQuantile(rank) }
            first = end
        }
        return scores
    }

    /// What a Gaussian process is fitted to: the mean of the normal scores and of the standardised logarithms of
    /// how far the values are from the best, as shares of the distance of the median.
    ///
    /// Ranks alone make as much of the difference between two good values as of that between two bad ones, however
    /// small it is; logarithms alone follow outliers. Neither depends on the values' scale.
    func modelTargets(weights: [Double]? = nil) -> [Double] {
        let scalars = scalars(weights: weights)
        return zip(Self.normalScores(scalars), Self.standardizedLogarithms(scalars))
            .map { ($0 + $1) / 2 }
    }

    private static func standardizedLogarithms(_ scalars: [Double]) -> [Double] {
        let sorted = scalars.sorted()
        guard let low = sorted.first, let high = sorted.last else { return [] }
        let median = sorted[sorted.count / 2]
        // Halves, as the largest and the smallest number are too far apart for one.
        let width = (median > low ? median : high) / 2 - low / 2
        guard width > 0 else { return scalars.map { _ in 0 } }
        let logarithms = scalars.map { log(min(($0 / 2 - low / 2) / width, farthest) + nearest) }
        let count = Double(logarithms.count)
        let mean = logarithms.reduce(0, +) / count
        let variance = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return logarithms.map { min(($0 - mean) / variance.squareRoot(), highestTarget) }
    }

    /// Distances between which logarithms tell values apart.
    private static let (nearest, farthest) = (0.1, 1e6)
    /// Bad candidates need not be told apart.
    private static let highestTarget = 2.5

    /// The inverse of the normal distribution by bisection; `share` in (0, 1).
    private static func normalQuantile(_ share: Double) -> Double {
        var (low, high) = (-8.0, 8.0)
        for _ in 0..<48 {
            let middle = (low + high) / 2
            if 0.5 * erfc(-middle / 2.0.squareRoot()) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Architectures that were not proposed yet: changes of the best, in one or several places, and random
    /// ones.
    func candidates(
        in space: SearchSpace, around best: [Architecture], besides taken: Set<Architecture>,
        count: Int, using random: inout RandomStream
    ) -> [Architecture] {
        var found: [Architecture] = []
        var known = taken
        for attempt in 0..<count {
            var candidate: Architecture
            if best.isEmpty || attempt % 4 == 3 {
                candidate = space.sample(using: &random)
            } else {
                candidate = best[random.index(below: best.count)]
                if attempt % 4 == 2 {
                    let other = best[random.index(below: best.count)]
                    candidate = space.crossover(candidate, other, using: &random)
                }
                repeat {
                    candidate = space.neighbour(of: candidate, using: &random)
                } while random.uniform() < 0.4
            }
            if !seen.contains(candidate), known.insert(candidate).inserted { found.append(candidate) }
        }
        return found
    }
}

/// The expected improvement of a normal prediction over `best`, for minimisation (Jones et al. 1998).
func expectedImprovement(mean: Double, deviation: Double, over best: Double) -> Double {
    let distance = (best - mean) / deviation
    let density = exp(-0.5 * distance * distance) / (2 * Double.pi).squareRoot()
    return deviation * (distance * 0.5 * erfc(-distance / 2.0.squareRoot()) + density)
}
