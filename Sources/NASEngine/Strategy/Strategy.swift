/// What a strategy wants to have evaluated.
public struct Proposal: Sendable, Hashable {
    public let architecture: Architecture
    /// Whether to train even if the same architecture was evaluated before.
    public let fresh: Bool
    /// The share of the full budget to spend, in (0, 1].
    public let fidelity: Double
    /// The number of the trial whose evaluation goes on here, with more budget; nil for a new beginning.
    public let origin: Int?

    public init(
        _ architecture: Architecture, fresh: Bool = false, fidelity: Double = 1, origin: Int? = nil
    ) {
        self.architecture = architecture
        self.fresh = fresh
        self.fidelity = fidelity
        self.origin = origin
    }
}

/// What came of a proposal.
public struct Observation: Sendable, Hashable {
    /// The trial's; nil for one of an earlier search.
    public let number: Int?
    public let architecture: Architecture
    /// To be minimised, one per objective, at least one; all infinite for a candidate that failed, never
    /// NaN.
    public let values: [Double]
    /// How far from allowed the candidate is; 0 for one that keeps all constraints.
    public let violation: Double
    public let fidelity: Double

    public init(
        _ architecture: Architecture, _ values: [Double], violation: Double = 0,
        number: Int? = nil, fidelity: Double = 1
    ) {
        self.architecture = architecture
        self.values = values
        self.violation = violation
        self.number = number
        self.fidelity = fidelity
    }

    /// Whether there are no values to learn from; all of them are infinite then.
    public var hasFailed: Bool { values[0] == .infinity }
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

    /// Results that were not proposed by this strategy, from earlier searches or of the user's choice, at least
    /// one; before the first ``propose()``, and more than once if there are both. Like ``observe(_:)`` unless it is implemented.
    mutating func learn(_ earlier: [Observation])

    /// Everything that changes over time, as plain data.
    var state: Value { get }

    /// Takes back what ``state`` gave, for a strategy of the same space, options and seed.
    mutating func restore(_ state: Value) throws(EngineError)
}

extension Strategy {
    public mutating func learn(_ earlier: [Observation]) { observe(earlier) }
}
