import Testing

@testable import NASEngine

private func candidate(_ entries: [(String, Value)] = []) throws -> Candidate {
    let base: [(String, Value)] = [("num_hidden_layers", 2), ("hidden_layer_size", 5)]
    let given = Set(entries.map(\.0))
    return try Candidate(
        Architecture(base.filter { !given.contains($0.0) } + entries), inputWidth: 2, outputWidth: 1)
}

private func plan(_ candidate: Candidate, rows: Int, threads: Int = 1) throws -> TrainingPlan {
    try TrainingPlan(
        candidate.network, PlanLayout(candidate.network, rows: rows, purpose: .training), rows: rows,
        threads: threads, poolKey: PlanPool.Key(candidate, rows: rows))
}

@Suite struct PlanPoolTests {
    @Test func aPlanReturnsAsNew() throws {
        let pool = PlanPool(limit: 1 << 20)
        let candidate = try candidate()
        let used = try plan(candidate, rows: 30)
        let count = used.layout.gradients + used.layout.parameterCount
        used.parameters.update(repeating: .nan, count: count)
        pool.give(used)
        let again = try #require(pool.take(PlanPool.Key(candidate, rows: 30)))
        #expect(again === used)
        #expect((0..<count).allSatisfy { again.parameters[$0] == 0 })
        #expect(pool.take(PlanPool.Key(candidate, rows: 30)) == nil)
    }

    @Test func onlyTheSameNetworkAndRowsFit() throws {
        let pool = PlanPool(limit: 1 << 20)
        let first = try candidate()
        pool.give(try plan(first, rows: 30))
        for other: [(String, Value)] in [
            [("num_hidden_layers", 1)], [("hidden_layer_size", 6)], [("dropout_rate", 0.1)],
            [("activation_function", "Tanh")], [("skip_connection", true)],
        ] {
            #expect(pool.take(PlanPool.Key(try candidate(other), rows: 30)) == nil)
        }
        #expect(pool.take(PlanPool.Key(first, rows: 31)) == nil)
        // What is no part of the network does not matter.
        let same = try candidate([
            ("optimizer", "SGD"), ("learning_rate", 0.5), ("batch_size", 7), ("initializer", "XavierNormal"),
        ])
        #expect(pool.take(PlanPool.Key(same, rows: 30)) != nil)
    }

    @Test func keepsNoMoreThanItsLimit() throws {
        let candidates = try (1...5).map { try candidate([("hidden_layer_size", .integer($0))]) }
        let plans = try candidates.map { try plan($0, rows: 30) }
        let bytes = plans.map(\.byteCount)
        let pool = PlanPool(limit: bytes[2] + bytes[3] + bytes[4])
        for plan in plans { pool.give(plan) }
        let kept = candidates.map { pool.take(PlanPool.Key($0, rows: 30)) != nil }
        #expect(kept == [false, false, true, true, true])
    }

    /// Its memory is for the next plan, unless that is the same.
    @Test func keepsOneTooBigUntilAnotherIsWanted() throws {
        let pool = PlanPool(limit: 1)
        let candidate = try candidate()
        pool.give(try plan(candidate, rows: 30))
        let again = try #require(pool.take(PlanPool.Key(candidate, rows: 30)))
        pool.give(again)
        #expect(pool.take(PlanPool.Key(candidate, rows: 31)) == nil)
        #expect(pool.take(PlanPool.Key(candidate, rows: 30)) == nil)
    }

    @Test func plansWithThreadsAreNotKept() throws {
        let pool = PlanPool(limit: 1 << 30)
        let candidate = try candidate()
        let threaded = try plan(candidate, rows: 1000, threads: 2)
        #expect(threaded.lanes.count == 2)
        pool.give(threaded)
        #expect(pool.take(PlanPool.Key(candidate, rows: 1000)) == nil)
    }

    /// Whatever was trained before, and even if it diverged.
    @Test func trainingsDoNotDependOnEarlierOnes() throws {
        // Nobody else has this many rows, so the first of each kind has a new plan.
        let data = try SampleData(rows: 43, inputWidth: 2, outputWidth: 1, seed: 1)
            .dataset(validation: SampleData(rows: 20, inputWidth: 2, outputWidth: 1, seed: 2))
        let settings = TrainingSettings(epochs: 20, seed: 3)
        var kinds: [[(String, Value)]] = []
        for function in ["Sigmoid", "ReLU"] {
            for rate in [0, 0.3] {
                kinds.append([("activation_function", .string(function)), ("dropout_rate", .real(rate))])
            }
        }
        func outcome(_ kind: [(String, Value)], learningRate: Double) throws -> Outcome {
            let candidate = try candidate(
                kind + [("optimizer", "SGD"), ("learning_rate", .real(learningRate))])
            return try train(candidate, on: data, settings: settings).outcome
        }
        let first = try kinds.map { try outcome($0, learningRate: 0.1) }
        #expect(Set(first.map(\.validationLoss)).count == kinds.count)
        for kind in kinds { #expect(try outcome(kind, learningRate: 1e30).status == .diverged) }
        for (kind, first) in zip(kinds, first).reversed() {
            let again = try outcome(kind, learningRate: 0.1)
            #expect(again.status == .ok)
            #expect(again.trainingLosses == first.trainingLosses)
            #expect(again.validationLoss == first.validationLoss)
        }
    }
}
