import Testing

@testable import NASEngine

private func observations(_ values: [[Double]], violations: [Double] = []) -> [Observation] {
    values.indices.map {
        Observation(
            Architecture([("n", .integer($0))]), values[$0],
            violation: violations.isEmpty ? 0 : violations[$0])
    }
}

@Suite struct RankingTests {
    @Test func oneObjectiveIsSortedWithTiesInOrder() {
        #expect(Ranking.order([]) == [])
        #expect(Ranking.order(observations([[3], [1], [2], [1], [-.infinity]])) == [4, 1, 3, 2, 0])
    }

    /// Two chains: (1, 4), (2, 2), (4, 1) are behind nobody, (3, 3) behind (2, 2), (5, 5) behind all.
    @Test func frontsOfAKnownExample() {
        let points = observations([[5, 5], [2, 2], [3, 3], [4, 1], [1, 4]])
        #expect(Ranking.fronts(points) == [[1, 3, 4], [2], [0]])
        // The ends of a front come first, in the order of their indices.
        #expect(Ranking.order(points) == [3, 4, 1, 2, 0])
    }

    @Test func equalPointsDoNotDominateEachOther() {
        let points = observations([[1, 1], [1, 1], [1, 2]])
        #expect(!Ranking.dominates(points[0], points[1]) && !Ranking.dominates(points[1], points[0]))
        #expect(Ranking.dominates(points[0], points[2]) && !Ranking.dominates(points[2], points[0]))
        #expect(Ranking.fronts(points) == [[0, 1], [2]])
    }

    /// Deb et al. 2002, section III-B: for each objective the width between a point's neighbours as a share
    /// of the whole.
    @Test func crowdingOfAKnownExample() {
        let distances = Ranking.crowding([[0, 10], [4, 3], [1, 6], [8, 0]])
        #expect(distances[0] == .infinity && distances[3] == .infinity)
        #expect(abs(distances[1] - ((8.0 - 1) / 8 + (6.0 - 0) / 10)) < 1e-15)
        #expect(abs(distances[2] - ((4.0 - 0) / 8 + (10.0 - 3) / 10)) < 1e-15)
    }

    @Test func crowdingOfDegenerateFronts() {
        #expect(Ranking.crowding([]) == [])
        #expect(Ranking.crowding([[1, 2]]) == [.infinity])
        #expect(Ranking.crowding([[1, 2], [2, 1]]) == [.infinity, .infinity])
        // Equal points have no width: only the two that count as ends are lonely.
        #expect(Ranking.crowding([[1, 1], [1, 1], [1, 1]]) == [.infinity, 0, .infinity])
        let huge = Double.greatestFiniteMagnitude
        #expect(Ranking.crowding([[-huge], [0], [huge]]) == [.infinity, 0, .infinity])
    }

    @Test func theLoneliestOfAFrontComesFirst() {
        // Along a line the third and the fourth are close to each other.
        let points = observations([[0, 10], [3, 7], [5, 5], [6, 4], [10, 0]])
        #expect(Ranking.order(points) == [0, 4, 1, 3, 2])
    }

    @Test(arguments: [1, 2]) func allowedOnesComeFirstThenByViolation(objectives: Int) {
        let values = [[0.0], [9], [5], [1]].map { value in (0..<objectives).map { _ in value[0] } }
        let points = observations(values, violations: [2, 0, 1, 2])
        #expect(Ranking.order(points) == [1, 2, 0, 3])
        #expect(Ranking.dominates(points[1], points[0]))
        #expect(!Ranking.dominates(points[0], points[2]))
    }

    /// What diverged is behind everything; what was refused before it was evaluated has no values either,
    /// and its violation tells how far it was from allowed.
    @Test(arguments: [1, 2]) func failedOnesComeLast(objectives: Int) {
        func values(_ value: Double) -> [Double] { (0..<objectives).map { _ in value } }
        let points = observations(
            [values(.infinity), values(7), values(1), values(.infinity)], violations: [0, 0, 5, 2])
        #expect(Ranking.order(points) == [1, 3, 2, 0])
        #expect(Ranking.dominates(points[2], points[0]) && !Ranking.dominates(points[0], points[2]))
    }

    @Test func frontsAgreeWithTheirDefinition() {
        var random = RandomStream(seed: 1)
        for _ in 0..<20 {
            let points = observations(
                (0..<40).map { _ in (0..<3).map { _ in Double(random.index(below: 6)) } },
                violations: (0..<40).map { _ in Double(random.index(below: 2)) })
            let fronts = Ranking.fronts(points)
            #expect(fronts.joined().sorted() == Array(points.indices))
            for (level, front) in fronts.enumerated() {
                #expect(front == front.sorted())
                for index in front {
                    func isBehind(_ others: [Int]) -> Bool {
                        others.contains { Ranking.dominates(points[$0], points[index]) }
                    }
                    #expect(!isBehind(front))
                    #expect(level == 0 || isBehind(fronts[level - 1]))
                }
            }
        }
    }
}
