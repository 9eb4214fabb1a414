/// All architectures that a search may try: every combination of its parameters' choices.
///
/// An architecture has a value for each parameter whose conditions hold, the *active* ones, in the
/// space's order, and none for the others; so two that mean the same are equal. Combinations that a
/// clause of ``forbidden`` describes are left out.
public struct SearchSpace: Sendable {
    public let parameters: [Parameter]
    /// Combinations that are not in the space: each is a clause whose conditions all hold.
    public let forbidden: [[Condition]]

    /// The parameters' conditions and the forbidden clauses, by index.
    private let conditions: [[IndexedCondition]]
    private let clauses: [[IndexedCondition]]
    /// How the architectures are numbered.
    private var numbering = Numbering.product

    private struct IndexedCondition: Sendable {
        let index: Int
        let domain: Domain

        func holds(_ values: [Value?]) -> Bool { values[index].map(domain.contains) ?? false }
    }

    /// Throws if there is no parameter, two have one name, a condition is not about a parameter before,
    /// or all architectures are forbidden.
    public init(
        _ parameters: [Parameter], forbidden: [[Condition]] = []
    ) throws(EngineError) {
        try require(!parameters.isEmpty, "search_space must have at least one parameter, got none")
        var indices: [String: Int] = [:]
        var conditions: [[IndexedCondition]] = []
        for (index, parameter) in parameters.enumerated() {
            var resolved: [IndexedCondition] = []
            for condition in parameter.conditions {
                guard let other = indices[condition.name] else {
                    throw .invalidArgument(
                        "search_space['\(parameter.name)'] must depend on parameters before it, got "
                            + "'\(condition.name)'")
                }
                resolved.append(IndexedCondition(index: other, domain: condition.domain))
            }
            conditions.append(resolved)
            try require(
                indices.updateValue(index, forKey: parameter.name) == nil,
                "search_space must have different names, got '\(parameter.name)' twice")
        }
        var clauses: [[IndexedCondition]] = []
        for clause in forbidden {
            try require(!clause.isEmpty, "forbidden must hold combinations, got an empty one")
            var resolved: [IndexedCondition] = []
            for condition in clause {
                guard let index = indices[condition.name] else {
                    throw .invalidArgument(
                        "forbidden must name parameters of the space, got '\(condition.name)'")
                }
                try condition.domain.validate("forbidden['\(condition.name)']")
                resolved.append(IndexedCondition(index: index, domain: condition.domain))
            }
            clauses.append(resolved)
        }
        self.parameters = parameters
        self.forbidden = forbidden
        self.conditions = conditions
        self.clauses = clauses
        let governing = Set((conditions + clauses).joined().map(\.index))
        guard !governing.isEmpty else { return }
        numbering = numbering(governedBy: governing)
        if case .blocks(let blocks) = numbering {
            try require(blocks.count > 0, "forbidden must leave some of the space, got none")
        } else {
            try require(
                firstAllowed() != nil,
                "forbidden must leave some of the space, got none in \(Self.drawsAtMost) draws")
        }
    }

    /// Whether an architecture with these values before `index` has that parameter.
    func isActive(_ index: Int, _ values: [Value?]) -> Bool {
        conditions[index].allSatisfy { $0.holds(values) }
    }

    func isForbidden(_ values: [Value?]) -> Bool {
        clauses.contains { $0.allSatisfy { $0.holds(values) } }
    }

    /// Whether every architecture has all parameters, and none is forbidden.
    var isProduct: Bool {
        if case .product = numbering { true } else { false }
    }

    /// The architecture whose active parameters have the values that `choose` gives them, in order.
    func build(_ choose: (_ index: Int) -> Value) -> Architecture {
        architecture(complete(choose))
    }

    private func complete(_ choose: (_ index: Int) -> Value) -> [Value?] {
        var values = [Value?](repeating: nil, count: parameters.count)
        for index in parameters.indices where isActive(index, values) {
            values[index] = choose(index)
        }
        return values
    }

    private func architecture(_ values: [Value?]) -> Architecture {
        Architecture(
            zip(parameters, values).compactMap { parameter, value in
                value.map { (parameter.name, $0) }
            })
    }

    /// A valid architecture with its values in the space's order.
    func ordered(_ architecture: Architecture) -> Architecture {
        build { architecture[parameters[$0].name] ?? .none }
    }

    /// The architecture's values by parameter, nil for those that it has not.
    func values(of architecture: Architecture) -> [Value?] {
        var entries = architecture.entries[...]
        return parameters.map { parameter in
            guard let entry = entries.first, entry.name == parameter.name else { return nil }
            entries.removeFirst()
            return entry.value
        }
    }
}

extension SearchSpace: Hashable {
    public static func == (first: SearchSpace, second: SearchSpace) -> Bool {
        first.parameters == second.parameters && first.forbidden == second.forbidden
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(parameters)
        hasher.combine(forbidden)
    }
}

// MARK: - Membership

extension SearchSpace {
    /// Whether it is an architecture of the space: all active parameters in their order, and nothing forbidden.
    public func contains(_ architecture: Architecture) -> Bool {
        let values = values(of: architecture)
        let known = values.lazy.filter { $0 != nil }.count
        return known == architecture.entries.count
            && parameters.indices.allSatisfy { index in
                isActive(index, values)
                    ? values[index].map(parameters[index].domain.contains) ?? false
                    : values[index] == nil
            } && !isForbidden(values)
    }

    /// Throws an error that names the first parameter whose value is missing or not a choice.
    public func validate(_ architecture: Architecture) throws(EngineError) {
        var values = [Value?](repeating: nil, count: parameters.count)
        for (index, parameter) in parameters.enumerated() {
            let value = architecture[parameter.name]
            guard isActive(index, values) else {
                try require(
                    value == nil,
                    "architecture must not have the key '\(parameter.name)', as its condition on "
                        + "'\(parameter.conditions.first?.name ?? "")' does not hold")
                continue
            }
            guard let value else {
                throw .invalidArgument("architecture must have the key '\(parameter.name)'")
            }
            try require(
                parameter.domain.contains(value),
                "architecture['\(parameter.name)'] must be one of the space's choices, got \(value)")
            values[index] = value
        }
        for entry in architecture.entries
        where !parameters.contains(where: { $0.name == entry.name }) {
            throw .invalidArgument("architecture has the key '\(entry.name)', the space has not")
        }
        try require(!isForbidden(values), "architecture must not be forbidden, got \(architecture)")
    }
}

// MARK: - Drawing

extension SearchSpace {
    /// Draws at an architecture that is not forbidden, before the space counts as having none.
    private static let drawsAtMost = 10_000

    /// An architecture with each active parameter drawn independently, the forbidden ones left out.
    public func sample(using random: inout RandomStream) -> Architecture {
        if let drawn = allowed(in: 100, { build { parameters[$0].domain.sample(using: &random) } }) {
            return drawn
        }
        if let count { return self[random.index(below: count)] }
        guard let drawn = firstAllowed() else {
            preconditionFailure("a space without architectures was made")
        }
        return drawn
    }

    /// The first of so many draws that is not forbidden; nil if all are.
    func allowed(in tries: Int, _ draw: () -> Architecture) -> Architecture? {
        for _ in 0..<tries {
            let drawn = draw()
            if clauses.isEmpty || !isForbidden(values(of: drawn)) { return drawn }
        }
        return nil
    }

    /// The same architecture every time.
    private func firstAllowed() -> Architecture? {
        var random = RandomStream(seed: 0)
        return allowed(in: Self.drawsAtMost) {
            build { parameters[$0].domain.sample(using: &random) }
        }
    }
}

// MARK: - Numbers

/// How the architectures of a space are numbered.
private enum Numbering: Sendable {
    /// Every parameter counts through its choices, the last one fastest.
    case product
    /// By the values of the parameters that decide which others are active or what is forbidden.
    case blocks(Blocks)
    /// Not at all: infinite, or too many such values.
    case none
}

/// The architectures by the values of the governing parameters; within a block the others are free.
private struct Blocks: Sendable {
    /// The most that are listed.
    static let limit = 1 << 16
    /// The most forbidden combinations that are gone over on the way, a fraction of a second.
    static let forbiddenLimit = 1 << 20

    var values: [[Value?]] = []
    /// The number of each block's first architecture, and at the end that of all.
    var starts = [0]

    var count: Int { starts[values.count] }

    /// The block with architecture number `index`.
    func block(of index: Int) -> Int {
        var (low, high) = (0, values.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= index { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

extension SearchSpace {
    /// The number of architectures; nil if there is a range of reals, more than an `Int` holds, or more than
    /// 65,536 combinations of values that other parameters or clauses depend on.
    public var count: Int? {
        switch numbering {
        case .product: product(of: parameters.indices)
        case .blocks(let blocks): blocks.count
        case .none: nil
        }
    }

    /// Architecture number `index` in `0..<count`.
    public subscript(index: Int) -> Architecture {
        var rest = index
        var values: [Value?]
        switch numbering {
        case .product: values = Array(repeating: nil, count: parameters.count)
        case .blocks(let blocks):
            let block = blocks.block(of: index)
            values = blocks.values[block]
            rest -= blocks.starts[block]
        case .none: preconditionFailure("the architectures of this space have no numbers")
        }
        for index in parameters.indices.reversed()
        where values[index] == nil && isActive(index, values) {
            guard let count = parameters[index].domain.count else {
                preconditionFailure("the space is not finite")
            }
            values[index] = parameters[index].domain.choice(rest % count)
            rest /= count
        }
        return architecture(values)
    }

    private func product(of indices: some Sequence<Int>) -> Int? {
        var product = 1
        for index in indices {
            guard let count = parameters[index].domain.count else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: count)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    private func numbering(governedBy governing: Set<Int>) -> Numbering {
        let order = governing.sorted()
        let free = parameters.indices.filter { !governing.contains($0) }
        var blocks = Blocks()
        var forbidden = 0
        /// Adds the blocks that begin with these values; false if they cannot be numbered.
        func add(_ position: Int, _ values: [Value?]) -> Bool {
            guard position < order.count else {
                if isForbidden(values) {
                    forbidden += 1
                    return forbidden <= Blocks.forbiddenLimit
                }
                let active = free.lazy.filter { isActive($0, values) }
                guard blocks.values.count < Blocks.limit, let size = product(of: active) else {
                    return false
                }
                let (end, overflow) = blocks.count.addingReportingOverflow(size)
                blocks.values.append(values)
                blocks.starts.append(end)
                return !overflow
            }
            let index = order[position]
            guard isActive(index, values) else { return add(position + 1, values) }
            guard let count = parameters[index].domain.count, count <= Blocks.limit else { return false }
            for choice in 0..<count {
                var next = values
                next[index] = parameters[index].domain.choice(choice)
                if !add(position + 1, next) { return false }
            }
            return true
        }
        let none = [Value?](repeating: nil, count: parameters.count)
        return add(0, none) ? .blocks(blocks) : .none
    }
}
