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
}

/// A strategy driven by hand: hands out its batches trial by trial and takes results in any order.
///
/// Whole batches go back to the strategy in the order of their trials, so its course does not depend on
/// the order of the results. Not safe for use by several threads at once.
public final class AskTell {
    public let space: SearchSpace
    private var strategy: any Strategy
    private let root: RandomStream

    /// The present batch, the number of its first trial, and what is known of it.
    private var batch: [Proposal] = []
    private var first = 0
    private var asked = 0
    private var values: [Double?] = []
    private var ended = false

    /// - Parameters:
    ///   - name: a strategy of ``StrategyRegistry``.
    ///   - options: by name; what is left out has its default.
    public init(
        strategy name: String, space: SearchSpace, options: [String: Value], seed: UInt64
    ) throws(EngineError) {
        let type = try StrategyRegistry.strategy(named: name)
        root = RandomStream(seed: seed)
        self.space = space
        strategy = try type.init(
            space: space, options: try Options(options, for: type.options, of: name),
            random: root.derived("strategy"))
    }

    /// Whether the strategy has nothing more to propose; known after an ``ask(_:)`` that gave no trial.
    public var isExhausted: Bool { ended }

    /// Up to `limit` trials; none while the strategy waits for results, or when it is exhausted.
    public func ask(_ limit: Int) throws(EngineError) -> [Trial] {
        try require(limit >= 1, "limit must be ≥ 1, got \(limit)")
        if !values.contains(nil) { advance() }
        var trials: [Trial] = []
        while trials.count < limit, asked < batch.count {
            // A restored batch may hold results that need not be asked for again.
            if values[asked] == nil { trials.append(trial(asked)) }
            asked += 1
        }
        return trials
    }

    private func trial(_ index: Int) -> Trial {
        let number = first + index
        var seeds = root.derived("trial", UInt64(number))
        return Trial(
            number: number, architecture: batch[index].architecture,
            seed: UInt32(truncatingIfNeeded: seeds.next() >> 32), fresh: batch[index].fresh)
    }

    /// The result of a trial, to be minimised; NaN counts as infinity.
    public func tell(_ number: Int, _ value: Double) throws(EngineError) {
        let index = number.subtractingReportingOverflow(first).partialValue
        try require(
            number >= 0 && number < first + asked,
            "number must be that of a trial that was asked for, got \(number)")
        try require(
            number >= first && values[index] == nil,
            "trial \(number) must be told once, it has been told already")
        values[index] = value.isNaN ? .infinity : value
    }

    /// Gives the finished batch to the strategy and gets the next one.
    private func advance() {
        guard !ended else { return }
        if !batch.isEmpty {
            strategy.observe(
                zip(batch, values).map { Observation($0.architecture, $1 ?? .infinity) })
        }
        first += batch.count
        batch = strategy.propose()
        values = Array(repeating: nil, count: batch.count)
        asked = 0
        ended = batch.isEmpty
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
            "batch": .list(batch.map(\.architecture.state)),
            "fresh": .list(batch.map { .boolean($0.fresh) }),
            "values": .list(values.map { $0.map { .real($0) } ?? .none }),
            "ended": .boolean(ended),
        ])
    }

    /// Goes on where ``state`` was read, given the same space, strategy, options and seed.
    ///
    /// Throws, and changes nothing, if `state` is not such a record.
    public func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        var restored = strategy
        try restored.restore(try record.value("strategy"))
        let architectures = try space.architectures(try record.list("batch"))
        let fresh = try record.list("fresh")
        try require(
            fresh.count == architectures.count, "state must hold one flag per trial of its batch")
        let batch = zip(architectures, fresh).map { Proposal($0, fresh: $1 == true) }
        let values = try record.list("values").map(\.number)
        let first = try record.count("first")
        let ended = try record.boolean("ended")
        try require(
            values.count == batch.count, "state must hold one value per trial of its batch")
        strategy = restored
        self.batch = batch
        self.values = values
        self.first = first
        self.ended = ended
        asked = 0
    }
}
