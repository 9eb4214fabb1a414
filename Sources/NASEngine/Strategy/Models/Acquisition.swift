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
        let scalars = scalars(weights: weights)
        let order = scalars.indices.sorted { (scalars[$0], $0) < (scalars[$1], $1) }
        var scores = [Double](repeating: 0, count: scalars.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count, scalars[order[end]] == scalars[order[first]] { end += 1 }
            let rank = (Double(first + end - 1) / 2 + 0.5) / Double(order.count)
            for position in first..<end { scores[order[position]] = Self.normalQuantile(rank) }
            first = end
        }
        return scores
    }

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
