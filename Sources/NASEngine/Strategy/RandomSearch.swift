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
    /// A Fisher–Yates shuffle of the architectures' numbers, of which only moved entries are stored.
    private var moved: [Int: Int] = [:]

    init(space: SearchSpace, options: Options, random: RandomStream) {
        self.space = space
        root = random
        replacement = options[boolean: "replacement"]
    }

    mutating func propose() -> [Proposal] {
        guard !replacement, let count = space.count else {
            defer { drawn += Self.batchSize }
            return (drawn..<drawn + Self.batchSize).map { index in
                var random = root.derived("sample", UInt64(index))
                return Proposal(space.sample(using: &random))
            }
        }
        let size = min(Self.batchSize, count - drawn)
        return (0..<size).map { _ in Proposal(space[nextIndex(of: count)]) }
    }

    /// The next number of the shuffle: position `drawn` swaps with one at or behind it.
    private mutating func nextIndex(of count: Int) -> Int {
        var random = root.derived("shuffle", UInt64(drawn))
        let position = drawn + random.index(below: count - drawn)
        let index = moved[position] ?? position
        moved[position] = moved[drawn] ?? drawn
        moved[drawn] = nil
        drawn += 1
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
        drawn = 0
        moved = [:]
        guard !replacement, let count = space.count else {
            drawn = target
            return
        }
        while drawn < target { _ = nextIndex(of: count) }
    }
}
