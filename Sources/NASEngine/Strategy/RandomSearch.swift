/// Independent draws from the space, without repeating any unless asked to.
///
/// Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012).
struct RandomSearch: Strategy {
    static let name = "RandomSearch"
    static let summary =
        "Independent draws from the space: the baseline of every comparison "
        + "(Bergstra and Bengio 2012)."
    static let options = [
        OptionSpecification(
            "replacement", false, .boolean,
            "Whether an architecture may be drawn again; if not, the search ends with the space.")
    ]

    /// Proposals per batch; they do not depend on results, so the number only amortises the calls.
    private static let batchSize = 16

    private let space: SearchSpace
    private let root: RandomStream
    private let replacement: Bool
    /// Proposals so far.
    private var drawn = 0
    /// Those of them that count when none may be repeated.
    private var seen: Set<Architecture> = []
    /// A Fisher–Yates shuffle of the architectures' numbers, of which only moved entries are stored.
    private var moved: [Int: Int] = [:]
    private var shuffled = 0

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        replacement = options[boolean: "replacement"]
    }

    mutating func propose() -> [Proposal] {
        var proposals: [Proposal] = []
        while proposals.count < Self.batchSize, let architecture = next() {
            proposals.append(Proposal(architecture))
        }
        return proposals
    }

    /// The next draw; nil if there is nothing left to draw.
    private mutating func next() -> Architecture? {
        var random = root.derived("sample", UInt64(drawn))
        var architecture: Architecture?
        if replacement || (space.isProduct && space.count == nil) {
            architecture = space.sample(using: &random)
        } else if space.isProduct, let count = space.count {
            if drawn < count { architecture = space[nextIndex(of: count)] }
        } else {
            architecture = unseen(using: &random)
        }
        if architecture != nil { drawn += 1 }
        return architecture
    }

    /// A draw of one that was not drawn before, parameter by parameter as long as that finds any.
    private mutating func unseen(using random: inout RandomStream) -> Architecture? {
        for _ in 0..<Self.tries {
            let architecture = space.sample(using: &random)
            if seen.insert(architecture).inserted { return architecture }
        }
        guard let count = space.count else { return nil }
        while shuffled < count {
            let architecture = space[nextIndex(of: count)]
            if seen.insert(architecture).inserted { return architecture }
        }
        return nil
    }

    /// Draws that a restored search repeats one by one; each is remembered, so no search makes as many.
    private static let mostRemembered = 10_000_000

    /// Draws at a new architecture before all of them are gone through.
    private static let tries = 100

    /// The next number of the shuffle: position `shuffled` swaps with one at or behind it.
    private mutating func nextIndex(of count: Int) -> Int {
        var random = root.derived("shuffle", UInt64(shuffled))
        let position = shuffled + random.index(below: count - shuffled)
        let index = moved[position] ?? position
        moved[position] = moved[shuffled] ?? shuffled
        moved[shuffled] = nil
        shuffled += 1
        return index
    }

    mutating func observe(_ batch: [Observation]) {}

    /// The number of draws; they can be repeated from the seed.
    var state: Value { .record(["drawn": .integer(drawn)]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        let target = try Record(state, "state").count("drawn")
        try require(
            replacement || target <= space.count ?? target,
            "state['drawn'] must not exceed the space, got \(target)")
        if !replacement && !space.isProduct {
            try require(
                target <= Self.mostRemembered,
                "state['drawn'] must be at most \(Self.mostRemembered) for this space, got \(target)")
        }
        (drawn, seen, moved, shuffled) = (0, [], [:], 0)
        if replacement || (space.isProduct && space.count == nil) {
            drawn = target
        } else {
            while drawn < target, next() != nil {}
        }
    }
}
