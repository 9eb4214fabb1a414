/// The values of an architecture, checked key by key.
struct ArchitectureSettings {
    typealias Entries = [(key: String, value: Value)]

    /// Keys with one value for the whole network; layer keys given as lists have their default here.
    let common: Options
    private let given: Entries
    private let lists: [(key: String, values: [Value])]
    /// What is given for single layers, each under the name of its layer key.
    private let own: [(layer: Int, key: String, value: Value)]

    init(_ architecture: Architecture) throws(EngineError) {
        var given: Entries = []
        var lists: [(key: String, values: [Value])] = []
        var numbered: [(name: String, key: LayerKey, value: Value)] = []
        for entry in architecture.entries {
            if case .list(let values) = entry.value, Candidate.layerKeys.contains(entry.name) {
                lists.append((entry.name, values))
            } else if let key = LayerKey(entry.name) {
                numbered.append((entry.name, key, entry.value))
            } else {
                given.append((entry.name, entry.value))
            }
        }
        common = try Options(given, for: Candidate.keys, of: "architecture")
        let layers = common[integer: "num_hidden_layers"]
        for key in Candidate.requiredKeys where architecture[key] == nil {
            let count = numbered.lazy.filter { $0.key.base == key }.count
            try require(
                count > 0 && count >= layers,
                count == 0
                    ? "architecture must have the key '\(key)'"
                    : "architecture must have the key '\(key)', or one such as '\(key)_1' for each of "
                        + "the \(layers) hidden layers, got \(count)")
        }
        for (name, values) in lists {
            try require(
                values.count == layers,
                "\(name) must have one value for each of the \(layers) hidden layers, "
                    + "got \(values.count)")
        }
        own = try Self.checked(numbered, lists, layers: layers)
        self.given = given
        self.lists = lists
    }

    /// The values for single layers, if there are these layers and no list says otherwise.
    private static func checked(
        _ numbered: [(name: String, key: LayerKey, value: Value)],
        _ lists: [(key: String, values: [Value])], layers: Int
    ) throws(EngineError) -> [(layer: Int, key: String, value: Value)] {
        var result: [(layer: Int, key: String, value: Value)] = []
        for (name, key, value) in numbered {
            guard let layer = key.layer, 1...max(layers, 1) ~= layer, layers > 0 else {
                throw .invalidArgument(
                    "architecture has the key '\(name)', but its hidden layers are "
                        + (layers == 0 ? "none" : "1 to \(layers)"))
            }
            let specification = Candidate.keys.first { $0.name == key.base }
            let checked = try specification?.named(name).validated(value) ?? value
            if let list = lists.first(where: { $0.key == key.base }) {
                let listed = list.values[layer - 1]
                try require(
                    try specification?.validated(listed) == checked,
                    "\(name) must be \(listed) as in the list \(key.base), got \(value)")
            }
            result.append((layer - 1, key.base, checked))
        }
        return result
    }

    /// Whether all hidden layers have the common settings.
    var isUniform: Bool { lists.isEmpty && own.isEmpty }

    /// All settings as they are for hidden layer `index`, counted from 0.
    func layer(_ index: Int) throws(EngineError) -> Options {
        let listed = lists.map { (key: $0.key, value: $0.values[index]) }
        let own = own.filter { $0.layer == index }.map { (key: $0.key, value: $0.value) }
        return try Options(given + listed + own, for: Candidate.keys, of: "architecture")
    }
}

/// A layer key with the number of a layer behind it, as in `hidden_layer_size_2`.
private struct LayerKey {
    let base: String
    /// Counted from 1; nil for numbers that no layer has.
    let layer: Int?

    /// Nil if `name` is of another form.
    init?(_ name: String) {
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        // Asked first, as most keys have no number.
        guard let last = name.utf8.last, isDigit(last), let line = name.lastIndex(of: "_")
        else { return nil }
        let digits = name[name.index(after: line)...]
        let base = String(name[..<line])
        guard Candidate.layerKeys.contains(base), let first = digits.utf8.first,
            digits.utf8.allSatisfy(isDigit)
        else { return nil }
        self.base = base
        // One layer has one name: "2", not "02".
        layer = first == UInt8(ascii: "0") ? nil : Int(digits)
    }
}
