import Testing

@testable import NASEngine

@Suite struct RewardTests {
    private func observation(_ value: Double) -> Observation {
        Observation(Architecture([("a", .real(value))]), [value])
    }

    @Test func constantResultsHaveNoAdvantage() {
        var reward = Reward(decay: 0.9)
        let same = observation(2)
        for count in 0..<5 {
            #expect(reward.advantage(of: same, after: Array(repeating: same, count: count)) == 0)
        }
        #expect(reward.baseline == 0)
    }

    @Test func theBaselineMovesAfterTheAdvantageIsTaken() {
        var reward = Reward(decay: 0.9)
        let earlier = [observation(5), observation(1), observation(3), observation(2)]
        // Better than three of four, equal to one.
        #expect(reward.advantage(of: observation(1), after: earlier) == 0.75)
        #expect(abs(reward.baseline - 0.075) < 1e-15)
        // Two better, one worse, one equal.
        #expect(abs(reward.advantage(of: observation(3), after: earlier) - (-0.25 - 0.075)) < 1e-15)
        #expect(abs(reward.baseline - (0.9 * 0.075 - 0.1 * 0.25)) < 1e-15)
        var bare = Reward(decay: nil)
        #expect(bare.advantage(of: observation(1), after: earlier) == 0.75)
        #expect(bare.advantage(of: observation(1), after: earlier) == 0.75)
    }

    @Test func onlyTheLatestHundredCount() {
        var reward = Reward(decay: nil)
        let earlier =
            Array(repeating: observation(0), count: 50) + Array(repeating: observation(2), count: 100)
        #expect(reward.advantage(of: observation(1), after: earlier) == 1)
    }
}
