import CPython
import NASEngine

/// `Space(parameters, forbidden)`: a search space, from tuples `(name, kind, values, conditions)` and lists
/// of conditions; a condition is a tuple `(name, kind, values)`.
///
/// Kinds: `categorical` and `ordinal` with the choices; `integer` and `real` with `(low, high, log)`.
final class SpaceObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Space"

    let space: SearchSpace

    init(_ space: SearchSpace) { self.space = space }

    static func make(_ arguments: PyReference?) throws(PythonError) -> SpaceObject {
        let arguments = try Arguments(arguments, 2, of: "Space")
        let parameters = try elements(arguments[0], "parameters") { (_, item) throws(PythonError) in
            try withElements(item, "parameters", parameter)
        }
        let forbidden = try elements(arguments[1], "forbidden") { (_, clause) throws(PythonError) in
            try elements(clause, "forbidden", condition)
        }
        return SpaceObject(
            try engine { () throws(EngineError) in
                try SearchSpace(parameters, forbidden: forbidden)
            })
    }

    private static func parameter(_ fields: TupleElements) throws(PythonError) -> Parameter {
        guard fields.count == 4 else {
            throw .value(
                "parameters must hold (name, kind, values, conditions), got \(fields.count) fields")
        }
        let (name, domain) = try named(fields)
        let conditions = try elements(fields[3], "conditions", condition)
        return try engine { () throws(EngineError) in
            try Parameter(name, domain, when: conditions)
        }
    }

    private static func condition(
        _ index: Int, _ item: PyReference
    ) throws(PythonError) -> Condition {
        try withElements(item, "conditions") { (fields) throws(PythonError) in
            guard fields.count == 3 else {
                throw .value("conditions must hold (name, kind, values), got \(fields.count) fields")
            }
            let (name, domain) = try named(fields)
            return Condition(name, domain)
        }
    }

    /// The name and domain that begin with name, kind and values.
    private static func named(_ fields: TupleElements) throws(PythonError) -> (String, Domain) {
        let name = try string(fields[0], "name")
        let kind = try string(fields[1], "kind")
        let domain = try withElements(fields[2], "values") { (values) throws(PythonError) in
            try SpaceObject.domain(name, kind, values)
        }
        return (name, domain)
    }

    private static func domain(
        _ name: String, _ kind: String, _ values: TupleElements
    ) throws(PythonError) -> Domain {
        let label = "search_space['\(name)']"
        if kind == "categorical" || kind == "ordinal" {
            var choices: [Value] = []
            for item in values { choices.append(try value(item, label)) }
            return kind == "ordinal" ? .ordinal(choices) : .categorical(choices)
        }
        guard values.count == 3 else { throw .value("\(label) must have (low, high, log)") }
        let log = try boolean(values[2])
        switch kind {
        case "integer":
            return .integer(
                low: try integer(values[0], "\(label).low"),
                high: try integer(values[1], "\(label).high"), log: log)
        case "real":
            return .real(
                low: try real(values[0], "\(label).low"),
                high: try real(values[1], "\(label).high"), log: log)
        default:
            throw .value("kind must be 'categorical', 'ordinal', 'integer' or 'real', got '\(kind)'")
        }
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: SpaceObject.self) }

    static var methods: [PyMethodDef] {
        [
            method("sample", "sample(seed, count): architectures drawn independently.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let space = try NASPyModule.receiver(receiver, SpaceObject.self).space
                    let arguments = try Arguments(arguments, 2, of: "sample")
                    var random = RandomStream(seed: try arguments.seed(0))
                    let count = try arguments.integer(1, "count")
                    guard count >= 0 else { throw .value("count must be ≥ 0, got \(count)") }
                    return try pythonList(0..<count) { (_) throws(PythonError) in
                        try python(space.sample(using: &random))
                    }
                }
            },
            method("validate", "validate(architecture): raise ValueError unless it is in the space.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let space = try NASPyModule.receiver(receiver, SpaceObject.self).space
                    let architecture = try Arguments(arguments, 1, of: "validate").architecture(0)
                    try engine { () throws(EngineError) in try space.validate(architecture) }
                    return nas_py_none()
                }
            },
        ]
    }

    static var getters: [PyGetSetDef] {
        [
            getter("size", "The number of architectures; None if infinite or beyond 64 bits.") {
                receiver, _ in
                guarded { () throws(PythonError) in
                    let space = try NASPyModule.receiver(receiver, SpaceObject.self).space
                    guard let count = space.count else { return nas_py_none() }
                    return try python(count)
                }
            }
        ]
    }
}
