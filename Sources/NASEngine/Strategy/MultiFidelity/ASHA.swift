/// Successive halving without rounds: whoever is among the best of a rung so far climbs at once.
///
/// Source: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and Talwalkar, "A system for massively
/// parallel hyperparameter tuning", MLSys 2020, algorithm 2. Decisions are made batch by batch, so that they
/// do not depend on which worker is first.
struct ASHA: Strategy {
    static let name = "ASHA"
    static let summary =
        "Successive halving that promotes candidates as soon as they are among the best of their rung "
        + "(Li et al. 2020)."
    static let options =
        Rungs.options + [
            OptionSpecification("batch_size", 4, .integer(1...1_000_000), "Architectures at a time.")
        ]

    private let space: SearchSpace
    private let root: RandomStream
    private let rungs: Rungs
    private let batchSize: Int
    private var history = History()
    /// For each rung what was observed there, and which of it was promoted.
    private var observed: [[Member]]

    private struct Member: Sendable {
        let observation: Observation
        let origin: Int?
        var isPromoted = false
    }

    /// The rung and the place on it that each proposal of the batch came from; nil for a new candidate.
    private var sources: [Source?] = []

    private struct Source: Sendable {
        let rung: Int
        let index: Int
    }

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        rungs = Rungs(options)
        batchSize = options[integer: "batch_size"]
        observed = rungs.fidelities.map { _ in [] }
    }

    mutating func propose() -> [Proposal] {
        var random = root.derived("batch", UInt64(history.count))
        var proposals: [Proposal] = []
        var taken: Set<Architecture> = []
        sources = []
        func promote(_ source: Source) {
            observed[source.rung][source.index].isPromoted = true
            let member = observed[source.rung][source.index]
            sources.append(source)
            proposals.append(
                Proposal(
                    member.observation.architecture,
                    fidelity: rungs.fidelities[source.rung + 1], origin: member.origin))
        }
        promotable().prefix(batchSize).forEach(promote)
        while proposals.count < batchSize,
            let new = history.unseen(
                in: space, besides: taken, using: &random, { space.sample(using: &$0) })
        {
            taken.insert(new)
            sources.append(nil)
            proposals.append(Proposal(new, fidelity: rungs.fidelities[0]))
        }
        // Nothing new is left: rungs that are too small for a share of their own promote their best one.
        if proposals.isEmpty { promotable(atLeast: 1).prefix(batchSize).forEach(promote) }
        return proposals
    }

    /// The candidates that deserve more budget and have not got it yet, from the highest rung down, best first.
    private func promotable(atLeast least: Int = 0) -> [Source] {
        (0..<rungs.top).reversed().flatMap { rung in
            let members = observed[rung]
            return Ranking.order(members.map(\.observation)).prefix(max(least, members.count / rungs.factor))
                .filter { !members[$0].isPromoted && !members[$0].observation.hasFailed }
                .map { Source(rung: rung, index: $0) }
        }
    }

    mutating func observe(_ batch: [Observation]) {
        for (source, observation) in zip(sources, batch) {
            let origin = source.map { observed[$0.rung][$0.index].origin } ?? observation.number
            observed[source.map { $0.rung + 1 } ?? 0].append(
                Member(observation: observation, origin: origin))
        }
        history.add(batch)
        sources = []
    }

    mutating func learn(_ earlier: [Observation]) { history.add(earlier) }

    var state: Value {
        .record([
            "history": history.state,
            "rungs": .list(
                observed.map { rung in
                    .list(
                        rung.map { member in
                            .record([
                                "observation": member.observation.state,
                                "origin": member.origin.map { .integer($0) } ?? .none,
                                "promoted": .boolean(member.isPromoted),
                            ])
                        })
                }),
            "sources": .list(
                sources.map { source in
                    source.map { [.integer($0.rung), .integer($0.index)] } ?? .none
                }),
        ])
    }

    mutating func restore(_ state: Value) throws(EngineError) {
        let record = try Record(state, "state")
        let history = try record.observations("history", in: space)
        var observed: [[Member]] = []
        for rung in try record.list("rungs") {
            var members: [Member] = []
            for item in try Record(.record(["members": rung]), "rung").list("members") {
                let fields = try Record(item, "rung")
                let isBegun = try fields.value("origin") != .none
                members.append(
                    Member(
                        observation: try Observation(try fields.value("observation"), in: space),
                        origin: isBegun ? try fields.count("origin") : nil,
                        isPromoted: try fields.boolean("promoted")))
            }
            observed.append(members)
        }
        try require(
            observed.count == rungs.fidelities.count,
            "state['rungs'] must hold \(rungs.fidelities.count) rungs, got \(observed.count)")
        var sources: [Source?] = []
        for item in try record.list("sources") {
            guard case .list(let pair) = item else {
                sources.append(nil)
                continue
            }
            let numbers = pair.compactMap(\.wholeNumber)
            guard numbers.count == 2, (0..<rungs.top).contains(numbers[0]),
                observed[numbers[0]].indices.contains(numbers[1])
            else { throw .invalidArgument("state['sources'] must hold places on rungs") }
            sources.append(Source(rung: numbers[0], index: numbers[1]))
        }
        self.history = History(history)
        self.observed = observed
        self.sources = sources
    }
}
