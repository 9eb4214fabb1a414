/// All architectures that a search may try: every combination of its parameters' choices.
public struct SearchSpace: Hashable, Sendable {
    public let parameters: [Parameter]

    /// Throws if there is no parameter or two have one name.
    public init(_ parameters: [Parameter]) throws(EngineError) {
        try require(!parameters.isEmpty, "search_space must have at least one parameter, got none")
        var seen: Set<String> = []
        for parameter in parameters {
            try require(
                seen.insert(parameter.name).inserted,
                "search_space must have different names, got '\(parameter.name)' twice")
        }
        self.parameters = parameters
    }

    /// The number of architectures; nil if there is a range of reals, or more than an `Int` holds.
    public var count: Int? {
        var product = 1
        for parameter in parameters {
            guard let count = parameter.count else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: count)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    /// Architecture number `index` in `0..<count`, the last parameter running fastest.
    public subscript(index: Int) -> Architecture {
        var rest = index
        var values: [Value] = []
        for parameter in parameters.reversed() {
            guard let count = parameter.count else { preconditionFailure("the space is not finite") }
            values.append(parameter.choice(rest % count))
            rest /= count
        }
        return architecture(values.reversed())
    }

    /// An architecture with each parameter drawn independently.
    public func sample(using random: inout RandomStream) -> Architecture {
        architecture(parameters.map { $0.sample(using: &random) })
    }

    public func contains(_ architecture: Architecture) -> Bool {
        architecture.entries.count == parameters.count
            && zip(parameters, architecture.entries).allSatisfy {
                $0.name == $1.name && $0.contains($1.value)
            }
    }

    /// Throws an error that names the first parameter whose value is missing or not a choice.
    public func validate(_ architecture: Architecture) throws(EngineError) {
        for parameter in parameters {
            guard let value = architecture[parameter.name] else {
                throw .invalidArgument("architecture must have the key '\(parameter.name)'")
            }
            try require(
                parameter.contains(value),
                "architecture['\(parameter.name)'] must be one of the space's choices, got \(value)")
        }
        for entry in architecture.entries
        where !parameters.contains(where: { $0.name == entry.name }) {
            throw .invalidArgument("architecture has the key '\(entry.name)', the space has not")
        }
    }

    /// A child that takes each value from either parent with equal probability (uniform crossover).
    public func crossover(
        _ first: Architecture, _ second: Architecture, using random: inout RandomStream
    ) -> Architecture {
        architecture(
            zip(first.entries, second.entries).map {
                random.index(below: 2) == 0 ? $0.value : $1.value
            })
    }

    /// A copy with one parameter, drawn evenly, sampled again; it may draw its old value.
    public func mutate(
        _ parent: Architecture, using random: inout RandomStream
    ) -> Architecture {
        var values = parent.entries.map(\.value)
        let index = random.index(below: parameters.count)
        values[index] = parameters[index].sample(using: &random)
        return architecture(values)
    }

    /// The architecture with these values, one per parameter in order.
    func architecture(_ values: [Value]) -> Architecture {
        Architecture(zip(parameters, values).map { ($0.name, $1) })
    }
}
