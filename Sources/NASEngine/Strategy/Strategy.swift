/// What a strategy wants to have evaluated.
public struct Proposal: Sendable, Hashable {
    public let architecture: Architecture
    /// Whether to train even if the same architecture was evaluated before.
    public let fresh: Bool

    public init(_ architecture: Architecture, fresh: Bool = false) {
        self.architecture = architecture
        self.fresh = fresh
    }
}

/// What came of a proposal.
public struct Observation: Sendable, Hashable {
    public let architecture: Architecture
    /// To be minimised; infinite for a candidate that failed, never NaN.
    public let value: Double

    public init(_ architecture: Architecture, _ value: Double) {
        self.architecture = architecture
        self.value = value
    }
}

/// A search strategy: what to try next. One file each, plus one line in ``StrategyRegistry``.
///
/// A strategy works in batches: ``propose()`` names the next batch, and ``observe(_:)`` is called with all
/// of its results before ``propose()`` is called again. ``AskTell`` hands batches out trial by trial and
/// collects the results in any order, so a strategy never depends on how many workers there are.
/// Everything random comes from streams derived from the one given at creation.
public protocol Strategy: Sendable {
    /// The name of the Python class.
    static var name: String { get }

    /// One sentence with the source, the docstring of the Python class.
    static var summary: String { get }

    static var options: [OptionSpecification] { get }

    /// Throws if the strategy cannot search such a space.
    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError)

    /// The next batch; empty when the space holds nothing more to propose.
    mutating func propose() -> [Proposal]

    /// The results of the last batch, all of them, in its order.
    mutating func observe(_ batch: [Observation])

    /// Everything that changes over time, as plain data.
    var state: Value { get }

    /// Takes back what ``state`` gave, for a strategy of the same space, options and seed.
    mutating func restore(_ state: Value) throws(EngineError)
}
