import Testing

@testable import NASEngine

private let rows = 30

private func candidate(
    _ entries: [(String, Value)] = [], inputs: Int = 2, outputs: Int = 1
) throws -> Candidate {
    let base: [(String, Value)] = [("num_hidden_layers", 2), ("hidden_layer_size", 5)]
    let given = Set(entries.map(\.0))
    return try Candidate(
        Architecture(base.filter { !given.contains($0.0) } + entries), inputWidth: inputs,
        outputWidth: outputs)
}

private func plan(_ candidate: Candidate, rows: Int = rows, threads: Int = 1) throws -> TrainingPlan {
    try TrainingPlan(
        candidate.network, PlanLayout(candidate.network, rows: rows, purpose: .training), rows: rows,
        threads: threads, poolKey: PlanPool.Key(candidate, rows: rows))
}

extension PlanPool {
    fileprivate func take(for candidate: Candidate, rows: Int = rows) -> TrainingPlan? {
        take(Key(candidate, rows: rows))
    }
}

@Suite struct PlanPoolTests {
    @Test func aPlanReturnsAsNew() throws {
        let pool = PlanPool(limit: 1 << 20)
        let candidate = try candidate()
        let used = try plan(candidate)
        let count = used.layout.gradients + used.layout.parameterCount
        used.parameters.update(repeating: .nan, count: count)
        pool.give(used)
        let again = try #require(pool.take(for: candidate))
        #expect(again === used)
        #expect((0..<count).allSatisfy { again.parameters[$0] == 0 })
        #expect(pool.take(for: candidate) == nil)
    }

    @Test func onlyTheSameNetworkAndRowsFit() throws {
        let pool = PlanPool(limit: 1 << 20)
        let first = try candidate()
        pool.give(try plan(first))
        for other: [(String, Value)] in [
            [("num_hidden_layers", 1)], [("hidden_layer_size", 6)], [("dropout_rate", 0.1)],
            [("activation_function", "Tanh")], [("skip_connection", true)],
        ] {
            #expect(pool.take(for: try candidate(other)) == nil)
        }
        #expect(pool.take(for: try candidate(inputs: 3)) == nil)
        #expect(pool.take(for: try candidate(outputs: 2)) == nil)
        #expect(pool.take(for: first, rows: rows + 1) == nil)
        // What is no part of the network does not matter.
        let same = try candidate([
            ("optimizer", "SGD"), ("learning_rate", 0.5), ("batch_size", 7),
            ("initializer", "XavierNormal"),
        ])
        #expect(pool.take(for: same) != nil)
    }

    @Test func keepsNoMoreThanItsLimit() throws {
        let candidates = try (1...5).map { try candidate([("hidden_layer_size", .integer($0))]) }
        let plans = try candidates.map { try plan($0) }
        let pool = PlanPool(limit: plans[2...].reduce(0) { $0 + $1.byteCount })
        for plan in plans { pool.give(plan) }
        #expect(candidates.map { pool.take(for: $0) != nil } == [false, false, true, true, true])
    }

    /// It drives out no small one, another big one does it, and its memory is for the next plan.
    @Test func keepsOneBigPlanUntilAnotherIsWanted() throws {
        let small = try candidate()
        let big = try (100...101).map { try candidate([("hidden_layer_size", .integer($0))]) }
        let pool = PlanPool(limit: try plan(small).byteCount)
        pool.give(try plan(small))
        for each in big { pool.give(try plan(each)) }
        #expect(pool.take(for: small) != nil)
        let kept = try #require(pool.take(for: big[1]))
        pool.give(kept)
        #expect(pool.take(for: big[0]) == nil)
        #expect(pool.take(for: big[1]) == nil)
    }

    @Test func plansWithThreadsAreNotKept() throws {
        let pool = PlanPool(limit: 1 << 30)
        let candidate = try candidate()
        let threaded = try plan(candidate, rows: 1000, threads: 2)
        #expect(threaded.lanes.count == 2)
        pool.give(threaded)
        #expect(pool.take(for: candidate, rows: 1000) == nil)
    }
}

@Suite struct ReusedPlanTests {
    /// Trainings that differ in what their plan may hold.
    struct Case: CustomTestStringConvertible {
        let entries: [(String, Value)]
        var outputs = 1
        var generator = GeneratorKind.counter

        var testDescription: String { "\(entries.map(\.0)) \(outputs) \(generator)" }

        static let all = [
            Case(entries: [("activation_function", "Sigmoid")]), Case(entries: []),
            Case(entries: [("dropout_rate", 0.3)]), Case(entries: [("dropout_rate", 0.3)], generator: .torch),
            Case(entries: [("skip_connection", true), ("activation_function", "GELU")], outputs: 3),
            Case(entries: [("batch_size", 7)]), Case(entries: [("hidden_layer_size", 40)], outputs: 2),
        ]
    }

    /// The same bits as with a plan of its own, whatever was trained before and even if that diverged.
    @Test(arguments: Case.all) func changesNoBit(_ each: Case) throws {
        let data = try SampleData(rows: rows, inputWidth: 2, outputWidth: each.outputs, seed: 1)
            .dataset(validation: SampleData(rows: 20, inputWidth: 2, outputWidth: each.outputs, seed: 2))
        let settings = TrainingSettings(epochs: 20, seed: 3, generator: each.generator)
        func losses(in pool: PlanPool, learningRate: Double, pause: Int? = nil) throws -> [Double] {
            let candidate = try candidate(
                [("optimizer", "SGD"), ("learning_rate", .real(learningRate))] + each.entries,
                outputs: each.outputs)
            let run = try TrainingRun(candidate, on: data, settings: settings)
            run.pool = pool
            if let pause {
                _ = try run.advance(to: pause)
                run.pause()
            }
            let outcome = try run.advance(to: settings.epochs)
            #expect(outcome.parameterCount == candidate.parameterCount)
            #expect(outcome.flops == candidate.flops)
            return outcome.trainingLosses + [outcome.validationLoss]
        }
        func key() throws -> PlanPool.Key {
            let batch: Int? = each.entries.contains { $0.0 == "batch_size" } ? 7 : nil
            return PlanPool.Key(try candidate(each.entries, outputs: each.outputs), rows: batch ?? rows)
        }
        let alone = try losses(in: PlanPool(limit: 1 << 20), learningRate: 0.01)
        #expect(alone.allSatisfy { $0.isFinite })
        let pool = PlanPool(limit: 1 << 20)
        #expect(try losses(in: pool, learningRate: 1e30).last == .infinity)
        let plan = try #require(pool.take(try key()))
        pool.give(plan)
        #expect(try losses(in: pool, learningRate: 0.01) == alone)
        #expect(try losses(in: pool, learningRate: 0.01, pause: 7) == alone)
        // It was that plan, and there is none but it.
        #expect(pool.take(try key()) === plan)
        #expect(pool.take(try key()) == nil)
    }
}
