/// Which of several results are better, with one objective or many, and with constraints.
///
/// Source: Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm:
/// NSGA-II", IEEE TEC 6 (2002): constrained domination, non-dominated sorting, crowding distance.
enum Ranking {
    /// The indices of `observations`, best first; ties in their order.
    ///
    /// Allowed ones come before others, those by their violation, and failed ones last. With several
    /// objectives the allowed ones come front by front, and within one by crowding distance, the
    /// loneliest first.
    static func order(_ observations: [Observation]) -> [Int] {
        guard let first = observations.first else { return [] }
        if first.values.count == 1 {
            return observations.indices.sorted { a, b in
                let (one, other) = (observations[a], observations[b])
                return (distance(one), one.values[0], a) < (distance(other), other.values[0], b)
            }
        }
        return fronts(observations).flatMap { front in
            let distances = crowding(front.map { observations[$0].values })
            return front.indices.sorted { (-distances[$0], $0) < (-distances[$1], $1) }
                .map { front[$0] }
        }
    }

    /// How far from allowed a candidate is: what failed, farthest; what was found to violate a constraint
    /// before it was evaluated has no values either, but is as far away as its violation says.
    private static func distance(_ observation: Observation) -> Double {
        observation.hasFailed && observation.violation == 0 ? .infinity : observation.violation
    }

    /// Whether `one` is at least as good everywhere and better somewhere, or nearer to allowed.
    static func dominates(_ one: Observation, _ other: Observation) -> Bool {
        let (mine, theirs) = (distance(one), distance(other))
        if mine != theirs { return mine < theirs }
        var isBetter = false
        for (mine, theirs) in zip(one.values, other.values) {
            if mine > theirs { return false }
            if mine < theirs { isBetter = true }
        }
        return isBetter
    }

    /// The indices by front: nobody dominates the first, only the first the second, and so on.
    static func fronts(_ observations: [Observation]) -> [[Int]] {
        var dominated = Array(repeating: [Int](), count: observations.count)
        var above = Array(repeating: 0, count: observations.count)
        for one in observations.indices {
            for other in observations.indices where dominates(observations[one], observations[other]) {
                dominated[one].append(other)
                above[other] += 1
            }
        }
        var fronts: [[Int]] = []
        var front = observations.indices.filter { above[$0] == 0 }
        while !front.isEmpty {
            fronts.append(front)
            var next: [Int] = []
            for index in front {
                for other in dominated[index] {
                    above[other] -= 1
                    if above[other] == 0 { next.append(other) }
                }
            }
            front = next.sorted()
        }
        return fronts
    }

    /// How far from its neighbours each point of a front is; infinite at the ends.
    static func crowding(_ points: [[Double]]) -> [Double] {
        guard let first = points.first, points.count > 2 else {
            return Array(repeating: .infinity, count: points.count)
        }
        var distances = Array(repeating: 0.0, count: points.count)
        for objective in first.indices {
            let order = points.indices.sorted {
                (points[$0][objective], $0) < (points[$1][objective], $1)
            }
            let (low, high) = (order[0], order[order.count - 1])
            let range = points[high][objective] - points[low][objective]
            distances[low] = .infinity
            distances[high] = .infinity
            guard range > 0, range.isFinite else { continue }
            for position in 1..<order.count - 1 {
                let width = points[order[position + 1]][objective] - points[order[position - 1]][objective]
                distances[order[position]] += width / range
            }
        }
        return distances
    }
}
