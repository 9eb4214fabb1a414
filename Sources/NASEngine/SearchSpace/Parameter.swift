/// A statement about a parameter: that an architecture has it, with one of these values.
public struct Condition: Hashable, Sendable {
    public let name: String
    public let domain: Domain

    public init(_ name: String, _ domain: Domain) {
        self.name = name
        self.domain = domain
    }
}

/// One choice to be made in a search space.
public struct Parameter: Hashable, Sendable {
    public let name: String
    public let domain: Domain
    /// What must be true of parameters before this one for an architecture to have it; all of it.
    public let conditions: [Condition]

    /// Throws if there is no choice, a choice stands twice, or a range is empty or not finite.
    public init(
        _ name: String, _ domain: Domain, when conditions: [Condition] = []
    ) throws(EngineError) {
        try require(!name.isEmpty, "search_space must have names that are not empty, got ''")
        try domain.validate("search_space['\(name)']")
        for condition in conditions {
            try condition.domain.validate(
                "the condition of search_space['\(name)'] on '\(condition.name)'")
        }
        self.name = name
        self.domain = domain
        self.conditions = conditions
    }
}
