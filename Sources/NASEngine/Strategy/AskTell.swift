/// An architecture to be evaluated, with all that its evaluation depends on.
public struct Trial: Sendable, Hashable {
    /// Counted from 0 in the order in which trials were asked for.
    public let number: Int
    public let architecture: Architecture
    /// The seed to train with, derived from the search's seed and the number; 32 bits, so that PyTorch's
    /// generator takes all of them.
    public let seed: UInt32
    /// Whether to train even if the same architecture was evaluated before.
    public let fresh: Bool
    /// The share of the full budget to spend, in (0, 1].
    public let fidelity: Double
    /// The number of the trial that began this evaluation, whose seed it shares; its own for a new one.
    public let origin: Int
    /// The number of trials whose results were known when this one was proposed: those numbered below.
    public let known: Int
}

/// A strategy driven by hand: hands out its batches trial by trial and takes results in any order.
///
/// Whole batches go back to the strategy in the order of their trials, so its course does not depend on
/// the order of the results. Not safe for use by several threads at once.
public final class AskTell {
    public let space: SearchSpace
    private var strategy: any Strategy
    private let objectives: Int
    private let root: RandomStream

    /// What was told of a trial.
    private struct Result {
        let values: [Double]
        let violation: Double
    }

    /// The present batch, the number of its first trial, and what is known of it.
    private var batch: [Proposal] = []
    private var first = 0
    private var asked = 0
    private var results: [Result?] = []
    /// How many of the results are not known yet.
    private var open = 0
    private var ended = false
    /// Whether the batch was given by ``enqueue(_:)`` and not proposed by the strategy.
    private var isEnqueued = false

    /// - Parameters:
    ///   - name: a strategy of ``StrategyRegistry``.
    ///   - options: by name; what is left out has its default.
    ///   - objectives: how many values each trial has.
    public init(
        strategy name: String, space: SearchSpace, options: [String: Value], seed: UInt64,
        objectives: Int = 1
    ) throws(EngineError) {
        try require(
            (1...Self.mostObjectives).contains(objectives),
            "objectives must be in [1, \(Self.mostObjectives)], got \(objectives)")
        self.objectives = objectives
        let type = try StrategyRegistry.strategy(named: name)
        root = RandomStream(seed: seed)
        self.space = space
        strategy = try type.init(
            space: space, options: try Options(options, for: type.options, of: name),
            random: root.derived("strategy"))
    }

    static let mostObjectives = 16

    /// Whether the strategy has nothing more to propose; known after an ``ask(_:)`` that gave no trial.
    public var isExhausted: Bool { ended }

    /// Up to `limit` trials; none while the strategy waits for results, or when it is exhausted.
    public func ask(_ limit: Int) throws(EngineError) -> [Trial] {
        try require(limit >= 1, "limit must be ≥ 1, got \(limit)")
        if open == 0 { advance() }
        var trials: [Trial] = []
        while trials.count < limit, asked < batch.count {
            // A restored batch may hold results that need not be asked for again.
            if results[asked] == nil { trials.append(trial(asked)) }
            asked += 1
        }
        return trials
    }

    private func trial(_ index: Int) -> Trial {
        let number = first + index
        let proposal = batch[index]
        let origin = proposal.origin ?? number
        var seeds = root.derived("trial", UInt64(origin))
        return Trial(
            number: number, architecture: proposal.architecture,
            seed: UInt32(truncatingIfNeeded: seeds.next() >> 32), fresh: proposal.fresh,
            fidelity: proposal.fidelity, origin: origin, known: first)
    }

    /// The result of a trial with one objective.
    public func tell(_ number: Int, _ value: Double) throws(EngineError) {
        try tell(number, [value])
    }

    /// The result of a trial, to be minimised; NaN and infinity stand for a failed evaluation.
    ///
    /// - Parameter violation: how far from allowed the candidate is, 0 if it keeps all constraints.
    public func tell(
        _ number: Int, _ values: [Double], violation: Double = 0
    ) throws(EngineError) {
        let index = number.subtractingReportingOverflow(first).partialValue
        try require(
            number >= 0 && number < first + asked,
            "number must be that of a trial that was asked for, got \(number)")
        try require(
            number >= first && results[index] == nil,
            "trial \(number) must be told once, it has been told already")
        results[index] = try result(values, violation)
        open -= 1
    }

    private func result(_ values: [Double], _ violation: Double) throws(EngineError) -> Result {
        try checkValueCount(values.count)
        try require(violation >= 0, "violation must be ≥ 0, got \(violation)")
        return Result(
            values: values.allSatisfy(\.isFinite) ? values : failure, violation: violation)
    }

    /// Throws unless that is the number of values of a trial.
    func checkValueCount(_ count: Int) throws(EngineError) {
        try require(
            count == objectives, "values must be one per objective, \(objectives), got \(count)")
    }

    /// Gives the finished batch to the strategy and gets the next one.
    private func advance() {
        guard !ended else { return }
        if !batch.isEmpty {
            let observations = zip(batch, results).enumerated().map { index, trial in
                let (proposal, result) = trial
                return Observation(
                    proposal.architecture, result?.values ?? failure,
                    violation: result?.violation ?? 0, number: first + index,
                    fidelity: proposal.fidelity)
            }
            if isEnqueued { strategy.learn(observations) } else { strategy.observe(observations) }
        }
        first += batch.count
        isEnqueued = false
        begin(strategy.propose())
        ended = batch.isEmpty
    }

    private func begin(_ proposals: [Proposal]) {
        batch = proposals
        results = Array(repeating: nil, count: proposals.count)
        open = proposals.count
        asked = 0
    }

    /// What stands for the values of a failed evaluation.
    private var failure: [Double] { Array(repeating: .infinity, count: objectives) }
}

// MARK: - Warm start

extension AskTell {
    /// Tells the strategy what is known from earlier trials of the same problem; before the first ``ask(_:)``.
    ///
    /// - Parameter earlier: architecture, values and violation of each, in order.
    public func learn(
        _ earlier: [(architecture: Architecture, values: [Double], violation: Double)]
    ) throws(EngineError) {
        try requireUnasked("earlier trials must be told")
        var observations: [Observation] = []
        for trial in earlier {
            try space.validate(trial.architecture)
            let result = try result(trial.values, trial.violation)
            observations.append(
                Observation(
                    space.ordered(trial.architecture), result.values, violation: result.violation))
        }
        // Nothing to learn from, as when no earlier trial had the full budget.
        if !observations.isEmpty { strategy.learn(observations) }
    }

    /// Architectures to be evaluated before the strategy proposes any of its own; before the first
    /// ``ask(_:)``.
    public func enqueue(_ architectures: [Architecture]) throws(EngineError) {
        try requireUnasked("architectures must be enqueued")
        for architecture in architectures { try space.validate(architecture) }
        begin(batch + architectures.map { Proposal(space.ordered($0)) })
        isEnqueued = !batch.isEmpty
    }

    private func requireUnasked(_ what: String) throws(EngineError) {
        try require(
            first == 0 && asked == 0 && !ended && (batch.isEmpty || isEnqueued),
            "\(what) before the first trial is asked for")
    }
}

// MARK: - State

extension AskTell {
    /// Everything that has happened so far, as plain data, see ``restore(_:)``.
    ///
    /// Trials that were asked for and not told yet are asked for again after a restore.
    public var state: Value {
        .record([
            "strategy": strategy.state,
            "first": .integer(first),
            "batch": .list(
                batch.map { proposal in
                    .record([
                        "architecture": proposal.architecture.state,
                        "fresh": .boolean(proposal.fresh), "fidelity": .real(proposal.fidelity),
                        "origin": proposal.origin.map { .integer($0) } ?? .none,
                    ])
                }),
            "results": .list(
                results.map { result in
                    result.map { .list(([$0.violation] + $0.values).map { .real($0) }) } ?? .none
                }),
            "ended": .boolean(ended), "enqueued": .boolean(isEnqueued),
        ])
    }

    /// Goes on where ``state`` was read, given the same space, strategy, options and seed.
    ///
    /// Throws, and changes nothing, if `state` is not such a record.
    public func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        var restored = strategy
        try checkValues(try record.value("strategy"))
        try restored.restore(try record.value("strategy"))
        var batch: [Proposal] = []
        for item in try record.list("batch") {
            let fields = try Record(item, "batch")
            let origin = try fields.value("origin")
            batch.append(
                Proposal(
                    try space.architecture(try fields.value("architecture")),
                    fresh: try fields.boolean("fresh"), fidelity: try fields.share("fidelity"),
                    origin: origin == .none ? nil : try fields.count("origin")))
        }
        var results: [Result?] = []
        for item in try record.list("results") {
            guard case .list(let numbers) = item else {
                results.append(nil)
                continue
            }
            let values = numbers.compactMap(\.number)
            try require(
                values.count == 1 + objectives && numbers.count == values.count,
                "state must hold \(objectives) values per result")
            results.append(try result(Array(values.dropFirst()), values[0]))
        }
        let first = try record.count("first")
        let (ended, isEnqueued) = (try record.boolean("ended"), try record.boolean("enqueued"))
        try require(
            results.count == batch.count, "state must hold one result per trial of its batch")
        strategy = restored
        self.batch = batch
        self.results = results
        open = results.lazy.filter { $0 == nil }.count
        self.first = first
        self.ended = ended
        self.isEnqueued = isEnqueued
        asked = 0
    }

    /// Throws unless every observation in a strategy's state has a value per objective.
    private func checkValues(_ state: Value) throws(EngineError) {
        switch state {
        case .list(let items):
            for item in items { try checkValues(item) }
        case .record(let fields):
            if fields["architecture"] != nil, case .list(let values) = fields["values"] {
                try require(
                    values.count == objectives,
                    "state must hold \(objectives) values per observation, got \(values.count)")
            } else {
                for field in fields.values { try checkValues(field) }
            }
        default: break
        }
    }
}
