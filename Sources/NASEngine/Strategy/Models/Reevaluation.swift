/// Evaluating the best architectures again, so that the luck of a single training decides less.
///
/// Who only ever looks at new architectures ends with the one that was luckiest, the more certainly the
/// longer the search goes on. Further values of the best ones tell good from lucky, to the model too. The
/// idea is the intensification of SMAC (Hutter, Hoos and Leyton-Brown, LION 5, 2011).
struct Reevaluation: Sendable {
    static let option = OptionSpecification(
        "repeat_share", 0.25, .real(0...1, openHigh: true),
        "Greatest share of the candidates after the first 50 that are one of the ten best, evaluated again, "
            + "up to four times in all; none where it makes no difference.")

    /// Candidates before the first repetition: until then new ones tell more.
    private static let newFirst = 50
    private static let best = 10
    private static let mostValues = 4
    /// Repetitions without any difference that show there is no luck to it.
    private static let proof = 3

    private let share: Double

    init(_ options: Options) { share = options[real: Self.option.name] }

    /// The architecture to evaluate again; nil if a new one is due.
    ///
    /// - Parameters:
    ///   - batch: what is proposed already, without values yet.
    ///   - standings: of all architectures with values, best first; asked for only where a repetition is due.
    func next(
        _ history: History, after batch: [Proposal], _ standings: @autoclosure () -> [Standing]
    ) -> Architecture? {
        let repetitions = history.repetitions + batch.count(where: \.fresh)
        let due = share * Double(history.ownCount + batch.count - Self.newFirst)
        guard Double(repetitions) + 1 <= due,
            history.repetitionsDiffer || history.repetitions < Self.proof
        else { return nil }
        // What only earlier searches have evaluated is not evaluated again.
        return standings().filter { $0.values > 0 }.prefix(Self.best).filter { candidate in
            candidate.values < Self.mostValues
                && !batch.contains { $0.architecture == candidate.architecture }
        }.min { $0.values < $1.values }?.architecture
    }
}

/// How good an architecture is by all of its values.
struct Standing {
    let architecture: Architecture
    /// How often this search evaluated it.
    fileprivate(set) var values = 0
    /// The sum of its observations' scores; their mean once it is complete.
    fileprivate(set) var score = 0.0
    fileprivate var observations = 0
    /// Its latest observation.
    fileprivate var latest = 0
}

extension History {
    /// All architectures, best first by the mean of their scores; of equal ones the latest.
    ///
    /// - Parameter scores: one per observation, to be minimised.
    func standings(_ scores: [Double]) -> [Standing] {
        var places: [Architecture: Int] = [:]
        var standings: [Standing] = []
        for (index, observation) in observations.enumerated() {
            let architecture = observation.architecture
            let place = places[architecture] ?? standings.count
            if place == standings.count {
                places[architecture] = place
                standings.append(Standing(architecture: architecture))
            }
            standings[place].values += observation.number == nil ? 0 : 1
            standings[place].observations += 1
            standings[place].score += scores[index]
            standings[place].latest = index
        }
        for place in standings.indices { standings[place].score /= Double(standings[place].observations) }
        return standings.sorted { ($0.score, -$0.latest) < ($1.score, -$1.latest) }
    }
}
