import Testing

@testable import NASEngine

private func forest(_ points: [[Double]], _ targets: [Double], trees: Int = 20) -> RegressionForest {
    RegressionForest(points, targets, trees: trees, random: RandomStream(seed: 1))
}

@Suite struct RegressionForestTests {
    @Test func constantTargetsArePredictedEverywhere() {
        let points = (0..<30).map { [Double($0), Double($0 % 7)] }
        let model = forest(points, points.map { _ in 2.5 })
        for point in points + [[-100, 100]] {
            #expect(model.predictions(point).allSatisfy { abs($0 - 2.5) < 1e-12 })
        }
    }

    /// Triples of equal targets are never mixed: a node of three or more is cut as long as that explains
    /// anything.
    @Test func pureLeavesInterpolate() {
        let points = (0..<30).map { [Double($0 / 3) + 0.001 * Double($0 % 3)] }
        let targets = points.map { (Double(Int($0[0])) * 7).truncatingRemainder(dividingBy: 11) }
        let model = forest(points, targets)
        for (point, target) in zip(points, targets) {
            #expect(model.predictions(point).allSatisfy { abs($0 - target) < 1e-9 })
        }
    }

    @Test func aStepIsFoundInItsCoordinate() {
        var random = RandomStream(seed: 2)
        let points = (0..<200).map { _ in (0..<4).map { _ in random.uniform() } }
        let model = forest(points, points.map { $0[2] < 0.4 ? -1 : 1 }, trees: 50)
        for point in [[0.5, 0.5, 0.3, 0.5], [0.9, 0.1, 0.1, 0.2], [0.5, 0.5, 0.5, 0.5], [0, 1, 0.9, 0]] {
            let predictions = model.predictions(point)
            #expect(predictions.count == 50)
            let mean = predictions.reduce(0, +) / 50
            #expect(abs(mean - (point[2] < 0.4 ? -1 : 1)) < 0.2)
        }
    }

    @Test func predictionsStayWithinTheTargets() {
        var random = RandomStream(seed: 3)
        let points = (0..<100).map { _ in [random.uniform(), random.uniform()] }
        let targets = points.map { _ in random.normal() }
        let range = (targets.min() ?? 0)...(targets.max() ?? 0)
        let predictions = forest(points, targets).predictions([0.5, 0.5])
        #expect(predictions.allSatisfy { range.contains($0) })
        #expect(Set(predictions).count > 1, "trees must differ")
    }

    @Test func onePointAndEqualPointsAreLeaves() {
        #expect(forest([[1]], [4]).predictions([7]).allSatisfy { $0 == 4 })
        let equal = forest([[1], [1], [1], [1]], [1, 2, 3, 6])
        #expect(equal.predictions([1]).allSatisfy { $0 == 3 })
        #expect(forest([[], []], [1, 3]).predictions([]).allSatisfy { $0 == 2 })
    }
}
