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
        let (nameTarget, textTarget) = (try present(name, "name"), try present(text, "text"))
        let entry = source.entries[index]
        source.texts = [CText(entry.0), CText(entry.1.description)]
        nameTarget.pointee = source.texts[0].read
        textTarget.pointee = source.texts[1].read
        return NAS_OK
    }
}
