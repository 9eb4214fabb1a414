/// One point of a search space: a value for each of its parameters, in the space's order.
public struct Architecture: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let value: Value
    }

    public let entries: [Entry]

    /// Names are expected to be unique, as they come from a space or a dictionary.
    public init(_ entries: [(String, Value)]) {
        self.entries = entries.map { Entry(name: $0.0, value: $0.1) }
    }

    /// The value of that name, nil if there is none.
    public subscript(name: String) -> Value? {
        entries.first { $0.name == name }?.value
    }
}

extension Architecture: CustomStringConvertible {
    /// The architecture as Python would print a dictionary.
    public var description: String {
        "{" + entries.map { "'\($0.name)': \($0.value)" }.joined(separator: ", ") + "}"
    }
}

// MARK: - State

extension Architecture {
    /// The values alone; the names are the space's, see ``SearchSpace/architectures(_:)``.
    var state: Value { .list(entries.map(\.value)) }
}

extension SearchSpace {
    /// The architectures whose ``Architecture/state`` these are, each checked.
    func architectures(_ states: [Value]) throws(EngineError) -> [Architecture] {
        var result: [Architecture] = []
        for state in states { result.append(try architecture(state)) }
        return result
    }

    /// The architecture whose ``Architecture/state`` this is, checked.
    func architecture(_ state: Value) throws(EngineError) -> Architecture {
        guard case .list(let values) = state else {
            throw .invalidArgument("state must hold architectures of this search space, got \(state)")
        }
        var rest = values[...]
        let architecture = build { _ in rest.popFirst() ?? .none }
        try require(
            rest.isEmpty, "state must hold architectures of this search space, got \(state)")
        try validate(architecture)
        return architecture
    }
}
