/// Changes at one or several parameters: what evolution and local search are made of.
///
/// Parameters that become active are drawn, those that become inactive dropped. A change that ends at a
/// forbidden combination is tried again, in the end not made.
extension SearchSpace {
    /// Tries at a change that is not forbidden.
    private static let tries = 100

    /// A child that takes each value from either parent with equal probability (uniform crossover).
    public func crossover(
        _ first: Architecture, _ second: Architecture, using random: inout RandomStream
    ) -> Architecture {
        let (mother, father) = (values(of: first), values(of: second))
        return allowed(in: Self.tries) {
            build { index in
                switch (mother[index], father[index]) {
                case (let mine?, let other?): random.index(below: 2) == 0 ? mine : other
                case (let only?, nil), (nil, let only?): only
                case (nil, nil): parameters[index].domain.sample(using: &random)
                }
            }
        } ?? first
    }

    /// A copy with one active parameter, drawn evenly, sampled again; it may draw its old value.
    public func mutate(
        _ parent: Architecture, using random: inout RandomStream
    ) -> Architecture {
        changed(parent, using: &random, among: { _ in true }) { $0.sample(using: &$2) }
    }

    /// A copy with a different value for one active parameter, drawn evenly from those with a choice; the
    /// parent itself if nothing can be chosen.
    func neighbour(of parent: Architecture, using random: inout RandomStream) -> Architecture {
        changed(parent, using: &random, among: { !$0.isFixed }) { $0.other(than: $1, using: &$2) }
    }

    private func changed(
        _ parent: Architecture, using random: inout RandomStream, among isEligible: (Domain) -> Bool,
        _ change: (Domain, Value, inout RandomStream) -> Value
    ) -> Architecture {
        let values = values(of: parent)
        let eligible = parameters.indices.filter {
            values[$0] != nil && isEligible(parameters[$0].domain)
        }
        guard !eligible.isEmpty else { return parent }
        return allowed(in: Self.tries) {
            let changed = eligible[random.index(below: eligible.count)]
            guard let old = values[changed] else { return parent }
            let new = change(parameters[changed].domain, old, &random)
            return with(new, at: changed, of: values, using: &random)
        } ?? parent
    }

    /// The architecture with these values, except for `value` at `changed`.
    private func with(
        _ value: Value, at changed: Int, of values: [Value?], using random: inout RandomStream
    ) -> Architecture {
        build { index in
            index == changed ? value : values[index] ?? parameters[index].domain.sample(using: &random)
        }
    }

    /// All architectures that differ from `parent` in the value of one active parameter: every other
    /// choice, or where there are more than 64 four draws, in ranges around the old one.
    func neighbours(of parent: Architecture, using random: inout RandomStream) -> [Architecture] {
        let values = values(of: parent)
        var found: [Architecture] = []
        var seen: Set<Architecture> = [parent]
        for (index, parameter) in parameters.enumerated() {
            guard let old = values[index] else { continue }
            var others: [Value] = []
            if let count = parameter.domain.count, count <= 64 {
                others = (0..<count).map(parameter.domain.choice).filter { $0 != old }
            } else {
                for _ in 0..<4 { others.append(parameter.domain.other(than: old, using: &random)) }
            }
            for other in others {
                let neighbour = with(other, at: index, of: values, using: &random)
                if contains(neighbour), seen.insert(neighbour).inserted { found.append(neighbour) }
            }
        }
        return found
    }
}
