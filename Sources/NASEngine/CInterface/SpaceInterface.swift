public import CNASEngine

/// The object behind `nas_space`, a space or a region of one.
final class SpaceBuilder {
    private var parameters: [Parameter] = []
    private var forbidden: [[Condition]] = []

    func add(_ name: UnsafePointer<CChar>?, _ domain: Domain) throws(EngineError) {
        parameters.append(try Parameter(try text(name, "name"), domain))
    }

    /// Puts what `change` makes of the parameter of that name in its place.
    func replace(
        _ name: UnsafePointer<CChar>?, _ change: (Parameter) throws(EngineError) -> Parameter
    ) throws(EngineError) {
        let name = try text(name, "name")
        guard let index = parameters.firstIndex(where: { $0.name == name }) else {
            throw .invalidArgument("name must be that of a parameter of the space, got '\(name)'")
        }
        parameters[index] = try change(parameters[index])
    }

    func forbid(_ region: SpaceBuilder) throws(EngineError) {
        forbidden.append(try region.conditions())
    }

    /// The statements that an architecture has all of these parameters, with these values.
    func conditions() throws(EngineError) -> [Condition] {
        try require(!parameters.isEmpty, "region must have at least one parameter, got none")
        try require(
            forbidden.isEmpty && parameters.allSatisfy(\.conditions.isEmpty),
            "region must have no conditions and no forbidden combinations")
        return parameters.map { Condition($0.name, $0.domain) }
    }

    func space() throws(EngineError) -> SearchSpace {
        try SearchSpace(parameters, forbidden: forbidden)
    }
}

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
    var values: [Value] = []
    for choice in try array(choices, count, "choices") { values.append(try value(choice)) }
    try builder.add(name, .categorical(values))
    return NAS_OK
}

@c @implementation
public func nas_space_add_booleans(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ choices: UnsafePointer<Int32>?,
    _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        try addChoices(space, name, choices, count) { .boolean($0 != 0) }
    }
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

@c @implementation
public func nas_space_set_ordered(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        try builder.replace(name) { (parameter) throws(EngineError) in
            switch parameter.domain {
            case .categorical(let choices), .ordinal(let choices):
                return try Parameter(parameter.name, .ordinal(choices), when: parameter.conditions)
            case .integer, .real:
                throw .invalidArgument(
                    "search_space['\(parameter.name)'] must have choices to be ordered, got a range")
            }
        }
        return NAS_OK
    }
}

@c @implementation
public func nas_space_when(
    _ space: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ region: OpaquePointer?
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        let source: SpaceBuilder = try object(region, "region")
        let conditions = try source.conditions()
        try builder.replace(name) { (parameter) throws(EngineError) in
            try Parameter(
                parameter.name, parameter.domain, when: parameter.conditions + conditions)
        }
        return NAS_OK
    }
}

@c @implementation
public func nas_space_forbid(_ space: OpaquePointer?, _ region: OpaquePointer?) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        try builder.forbid(try object(region, "region"))
        return NAS_OK
    }
}
