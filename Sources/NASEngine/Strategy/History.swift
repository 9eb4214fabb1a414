/// What a strategy knows: all that it proposed, and what came of it.
struct History: Sendable {
    private(set) var observations: [Observation] = []
    /// The architectures of all observations.
    private(set) var seen: Set<Architecture> = []
    /// How many of the observations are this search's own.
    private(set) var ownCount = 0
    /// Whether an architecture that this search evaluated again had other values then.
    private(set) var repetitionsDiffer = false
    /// The latest values of each architecture that this search evaluated.
    private var evaluated: [Architecture: [Double]] = [:]

    /// How many of the own observations are of an architecture that had been evaluated before.
    var repetitions: Int { ownCount - evaluated.count }

    init() {}

    var count: Int { observations.count }

    mutating func add(_ batch: [Observation]) {
        observations += batch
        for observation in batch {
            seen.insert(observation.architecture)
            if observation.number == nil { continue }
            ownCount += 1
            let before = evaluated.updateValue(observation.values, forKey: observation.architecture)
            if let before, before != observation.values { repetitionsDiffer = true }
        }
    }

    /// The observations, best first; of equal ones the latest, so that a search drifts over plateaus
    /// instead of staying where it came to them.
    var ranked: [Observation] {
        let latestFirst = Array(observations.reversed())
        return Ranking.order(latestFirst).map { latestFirst[$0] }
    }

    /// One number per observation, to be minimised, for models and policies: finite, and robust against
    /// outliers.
    ///
    /// With one objective the value itself, with several the augmented Chebyshev norm of the values as shares
    /// of their ranges (Knowles 2006, ParEGO). Failed and forbidden candidates count like the worst.
    func scalars(weights: [Double]? = nil) -> [Double] {
        let usable = observations.filter { !$0.hasFailed }
        guard let first = usable.first else { return observations.map { _ in 0 } }
        var scalar: (Observation) -> Double = { $0.values[0] }
        if first.values.count > 1 {
            let weights = weights ?? first.values.map { _ in 1 / Double(first.values.count) }
            let ranges = first.values.indices.map { objective in
                let column = usable.map { $0.values[objective] }
                return (low: column.min() ?? 0, high: column.max() ?? 0)
            }
            scalar = { observation in
                var (largest, sum) = (0.0, 0.0)
                for (value, (range, weight)) in zip(observation.values, zip(ranges, weights)) {
                    // Halves, as the largest and the smallest number are too far apart for one.
                    let width = range.high / 2 - range.low / 2
                    let share = width > 0 ? weight * (value / 2 - range.low / 2) / width : 0
                    largest = max(largest, share)
                    sum += share
                }
                return largest + 0.05 * sum
            }
        }
        let worst = usable.map(scalar).max() ?? 0
        return observations.map { $0.hasFailed || $0.violation > 0 ? worst : scalar($0) }
    }
}

// MARK: - New architectures

extension History {
    /// The first of some draws that was neither proposed before nor is in `taken`; then random ones, then any
    /// that is left. Nil if the space is used up.
    func unseen(
        in space: SearchSpace, besides taken: Set<Architecture> = [], tries: Int = 20,
        using random: inout RandomStream, _ draw: (inout RandomStream) -> Architecture
    ) -> Architecture? {
        func isNew(_ architecture: Architecture) -> Bool {
            !seen.contains(architecture) && !taken.contains(architecture)
        }
        for attempt in 0..<(tries + Self.randomTries) {
            let architecture = attempt < tries ? draw(&random) : space.sample(using: &random)
            if isNew(architecture) { return architecture }
        }
        guard let count = space.count else { return nil }
        let start = random.index(below: count)
        // So many tries failed that nearly all are seen: one of the next must be new, if any is.
        let limit = min(count, seen.count + taken.count + 1)
        for offset in 0..<limit {
            let architecture = space[(start + offset) % count]
            if isNew(architecture) { return architecture }
        }
        return nil
    }

    private static let randomTries = 50

    /// Up to `count` proposals, all different and new; fewer where the space has no more.
    func batch(
        of count: Int, in space: SearchSpace, using random: inout RandomStream,
        _ draw: (inout RandomStream) -> Architecture
    ) -> [Proposal] {
        var taken: Set<Architecture> = []
        var proposals: [Proposal] = []
        while proposals.count < count,
            let architecture = unseen(in: space, besides: taken, using: &random, draw)
        {
            taken.insert(architecture)
            proposals.append(Proposal(architecture))
        }
        return proposals
    }
}

// MARK: - State

extension Observation {
    var state: Value {
        .record([
            "number": number.map { .integer($0) } ?? .none, "architecture": architecture.state,
            "values": .list(values.map { .real($0) }), "violation": .real(violation),
            "fidelity": .real(fidelity),
        ])
    }

    /// The observation that ``state`` gave, of an architecture of `space`.
    init(_ state: Value, in space: SearchSpace) throws(EngineError) {
        let record = try Record(state, "observation")
        let values = try record.reals("values")
        let isNew = try record.value("number") != .none
        try require(!values.isEmpty, "observation['values'] must hold at least one number")
        self.init(
            try space.architecture(try record.value("architecture")), values,
            violation: try record.real("violation"),
            number: isNew ? try record.count("number") : nil, fidelity: try record.share("fidelity"))
    }
}

extension Record {
    /// A list of observations, all with as many values.
    func observations(_ field: String, in space: SearchSpace) throws(EngineError) -> [Observation] {
        var observations: [Observation] = []
        for item in try list(field) {
            let observation = try Observation(item, in: space)
            try require(
                observation.values.count == observations.first?.values.count ?? observation.values.count,
                "state['\(field)'] must hold the same number of values everywhere")
            observations.append(observation)
        }
        return observations
    }
}

extension History {
    init(_ observations: [Observation]) {
        self.init()
        add(observations)
    }

    var state: Value { .list(observations.map(\.state)) }
}
