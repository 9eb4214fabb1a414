/// The shares of the budget at which candidates are compared: 1, 1/η, 1/η², … down to a smallest one.
struct Rungs: Sendable {
    /// Options of every strategy with rungs.
    static let options = [
        OptionSpecification(
            "min_fidelity", 0.1, .real(0...1, openLow: true),
            "Smallest share of the epochs (or rows) that a candidate is judged by."),
        OptionSpecification(
            "reduction_factor", 3, .integer(2...1000),
            "Of so many candidates one gets so many times the budget."),
    ]

    let factor: Int
    /// Rising, the last one is 1.
    let fidelities: [Double]

    init(_ options: Options) {
        factor = options[integer: "reduction_factor"]
        let smallest = options[real: "min_fidelity"]
        var fidelities = [1.0]
        // Thirds of thirds are not exact: a share of a ninth must allow a ninth.
        while fidelities[0] / Double(factor) >= smallest * (1 - 1e-9) {
            fidelities.insert(fidelities[0] / Double(factor), at: 0)
        }
        self.fidelities = fidelities
    }

    var top: Int { fidelities.count - 1 }

    /// The candidates of a rung that deserve more budget: its best 1/η, at least one, failed ones left out.
    func promoted(_ rung: [Observation]) -> [Observation] {
        let count = max(1, rung.count / factor)
        return Ranking.order(rung).prefix(count).map { rung[$0] }.filter { !$0.hasFailed }
    }
}

/// One round of successive halving: candidates that climb the rungs together.
struct Bracket: Sendable {
    /// The rung that is evaluated now, and who is on it: the trial that began each evaluation, if any did.
    private(set) var rung: Int
    private(set) var candidates: [Member]

    struct Member: Sendable {
        let architecture: Architecture
        let origin: Int?
    }

    init(_ architectures: [Architecture], from rung: Int) {
        self.rung = rung
        candidates = architectures.map { Member(architecture: $0, origin: nil) }
    }

    func proposals(_ rungs: Rungs) -> [Proposal] {
        candidates.map {
            Proposal($0.architecture, fidelity: rungs.fidelities[rung], origin: $0.origin)
        }
    }

    /// Goes on with the best; nobody is left behind the last rung.
    mutating func observe(_ batch: [Observation], _ rungs: Rungs) {
        guard rung < rungs.top else {
            candidates = []
            return
        }
        // Numbers of a batch are different, so they tell who was promoted.
        var origins: [Int: Int] = [:]
        for (candidate, observation) in zip(candidates, batch) {
            if let number = observation.number { origins[number] = candidate.origin ?? number }
        }
        candidates = rungs.promoted(batch).map { observation in
            Member(
                architecture: observation.architecture, origin: observation.number.flatMap { origins[$0] })
        }
        rung += 1
    }

    var isFinished: Bool { candidates.isEmpty }
}

// MARK: - State

extension Bracket {
    var state: Value {
        .record([
            "rung": .integer(rung),
            "architectures": .list(candidates.map(\.architecture.state)),
            "origins": .list(candidates.map { $0.origin.map { .integer($0) } ?? .none }),
        ])
    }

    init(_ state: Value, in space: SearchSpace, _ rungs: Rungs) throws(EngineError) {
        let record = try Record(state, "bracket")
        let rung = try record.count("rung")
        try require(rung <= rungs.top, "bracket['rung'] must be at most \(rungs.top), got \(rung)")
        let architectures = try space.architectures(try record.list("architectures"))
        let origins = try record.list("origins")
        try require(
            origins.count == architectures.count, "bracket must hold an origin per architecture")
        self.rung = rung
        candidates = zip(architectures, origins).map {
            Member(architecture: $0, origin: $1.wholeNumber.flatMap { $0 >= 0 ? $0 : nil })
        }
    }
}
