public import CNASEngine

/// The object behind `nas_values`: named values in the order in which they were added.
final class NamedValues {
    var entries: [(String, Value)] = []
    /// The strings last handed out, kept until the next call.
    var texts: [CText] = []

    init(_ entries: [(String, Value)] = []) { self.entries = entries }

    func set(_ name: String, _ value: Value) {
        if let index = entries.firstIndex(where: { $0.0 == name }) {
            entries[index].1 = value
        } else {
            entries.append((name, value))
        }
    }

    var dictionary: [String: Value] { Dictionary(entries) { $1 } }
}

/// The object behind `nas_space`.
final class SpaceBuilder {
    var parameters: [Parameter] = []

    func add(_ name: UnsafePointer<CChar>?, _ domain: Domain) throws(EngineError) {
        parameters.append(try Parameter(try text(name, "name"), domain))
    }
}

// MARK: - Named values

@c @implementation
public func nas_values_create(_ values: UnsafeMutablePointer<OpaquePointer?>?) -> nas_status {
    guarded { () throws(EngineError) in hand(NamedValues(), to: try present(values, "values")) }
}

@c @implementation
public func nas_values_free(_ values: OpaquePointer?) { release(values, NamedValues.self) }

private func set(
    _ values: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Value
) throws(EngineError) -> nas_status {
    let target: NamedValues = try object(values, "values")
    target.set(try text(name, "name"), value)
    return NAS_OK
}

@c @implementation
public func nas_values_set_boolean(
    _ values: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Int32
) -> nas_status {
    guarded { () throws(EngineError) in try set(values, name, .boolean(value != 0)) }
}

@c @implementation
public func nas_values_set_integer(
    _ values: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Int64
) -> nas_status {
    guarded { () throws(EngineError) in try set(values, name, .integer(Int(value))) }
}

@c @implementation
public func nas_values_set_real(
    _ values: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Double
) -> nas_status {
    guarded { () throws(EngineError) in try set(values, name, .real(value)) }
}

@c @implementation
public func nas_values_set_string(
    _ values: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?
) -> nas_status {
    guarded { () throws(EngineError) in
        try set(values, name, .string(try text(value, "value")))
    }
}

@c @implementation
public func nas_values_count(
    _ values: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: NamedValues = try object(values, "values")
        try present(count, "count").pointee = source.entries.count
        return NAS_OK
    }
}

@c @implementation
public func nas_values_get(
    _ values: OpaquePointer?, _ index: Int,
    _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
    _ text: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: NamedValues = try object(values, "values")
        try require(
            source.entries.indices.contains(index),
            "index must be below \(source.entries.count), got \(UInt(bitPattern: index))")
        let entry = source.entries[index]
        source.texts = [CText(entry.0), CText(entry.1.description)]
        try present(name, "name").pointee = source.texts[0].pointer.map { UnsafePointer($0) }
        try present(text, "text").pointee = source.texts[1].pointer.map { UnsafePointer($0) }
        return NAS_OK
    }
}

// MARK: - Space

@c @implementation
public func nas_space_create(_ space: UnsafeMutablePointer<OpaquePointer?>?) -> nas_status {
    guarded { () throws(EngineError) in hand(SpaceBuilder(), to: try present(space, "space")) }
}

@c @implementation
public func nas_space_free(_ space: OpaquePointer?) { release(space, SpaceBuilder.self) }

/// Adds a categorical parameter whose choices lie behind a C array.
private func addChoices<T>(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ choices: UnsafePointer<T>?,
    _ count: Int, _ value: (T) throws(EngineError) -> Value
) throws(EngineError) -> nas_status {
    let builder: SpaceBuilder = try object(space, "space")
    let first = try present(choices, "choices")
    try require(count >= 0, "count must not exceed the address space")
    var values: [Value] = []
    for index in 0..<count { values.append(try value(first[index])) }
    try builder.add(name, .categorical(values))
    return NAS_OK
}

@c @implementation
public func nas_space_add_integers(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ choices: UnsafePointer<Int64>?,
    _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        try addChoices(space, name, choices, count) { .integer(Int($0)) }
    }
}

@c @implementation
public func nas_space_add_reals(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ choices: UnsafePointer<Double>?,
    _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        try addChoices(space, name, choices, count) { .real($0) }
    }
}

@c @implementation
public func nas_space_add_strings(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?,
    _ choices: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        try addChoices(space, name, choices, count) { (choice) throws(EngineError) in
            .string(try text(choice, "choices"))
        }
    }
}

@c @implementation
public func nas_space_add_integer_range(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ low: Int64, _ high: Int64,
    _ log: Int32
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        try builder.add(name, .integer(low: Int(low), high: Int(high), log: log != 0))
        return NAS_OK
    }
}

@c @implementation
public func nas_space_add_real_range(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ low: Double, _ high: Double,
    _ log: Int32
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        try builder.add(name, .real(low: low, high: high, log: log != 0))
        return NAS_OK
    }
}
