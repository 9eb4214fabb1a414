import CPython
import NASEngine

/// What there is to choose from, and what the extension was built as.
enum Registries {
    static var methods: [PyMethodDef] {
        [
            method("build_info", "build_info(): compiler, instruction set and threads.") {
                _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "build_info")
                    return try python(
                        .record([
                            "compiler": .string(Registries.compiler),
                            "instruction_set": .string(Machine.instructionSet),
                            "threads": .integer(Machine.threadCount),
                        ]))
                }
            },
            method("strategies", "strategies(): name, summary and options of each.") {
                _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "strategies")
                    return try python(
                        .list(
                            StrategyRegistry.all.map { strategy in
                                .record([
                                    "name": .string(strategy.name),
                                    "summary": .string(strategy.summary),
                                    "options": .list(strategy.options.map(Registries.description)),
                                ])
                            }))
                }
            },
            method("losses", "losses(): name, summary and is_classification of each.") {
                _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "losses")
                    return try python(
                        .list(
                            LossRegistry.descriptions.map { loss in
                                .record([
                                    "name": .string(loss.name),
                                    "summary": .string(loss.summary),
                                    "is_classification": .boolean(loss.isClassification),
                                ])
                            }))
                }
            },
            method("darts_options", "darts_options(): the options of darts().") { _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "darts_options")
                    return try python(.list(DARTS.options.map(Registries.description)))
                }
            },
            method("architecture_keys", "architecture_keys(): what architectures may say.") {
                _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "architecture_keys")
                    return try python(
                        .list(
                            Candidate.keys.map { key in
                                guard case .record(var fields) = Registries.description(key) else {
                                    return .none
                                }
                                let required = Candidate.requiredKeys.contains(key.name)
                                fields["required"] = .boolean(required)
                                let perLayer = Candidate.layerKeys.contains(key.name)
                                fields["per_layer"] = .boolean(perLayer)
                                return .record(fields)
                            }))
                }
            },
            method(
                "describe",
                "describe(architecture, input_width, output_width, rows): parameters, flops and bytes."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Registries.describe(try Arguments(arguments, 4, of: "describe"))
                }
            },
        ]
    }

    private static func describe(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let architecture = try arguments.architecture(0)
        let inputs = try ModelObject.width(arguments, 1, "input_width")
        let outputs = try ModelObject.width(arguments, 2, "output_width")
        let rows = try ModelObject.size(arguments, 3, "rows", atMost: 1 << 40)
        let facts = try engine { () throws(EngineError) -> [String: Value] in
            let candidate = try Candidate(
                architecture, inputWidth: inputs, outputWidth: outputs)
            return [
                "parameters": .integer(candidate.parameterCount),
                "flops": .integer(candidate.flops),
                "bytes": .integer(candidate.byteCount(rows: rows)),
                "memory": .integer(Machine.memory),
            ]
        }
        return try python(.record(facts))
    }

    private static func description(_ option: OptionSpecification) -> Value {
        var fields: [String: Value] = [
            "name": .string(option.name), "default": option.defaultValue,
            "requirement": .string(option.requirement), "summary": .string(option.summary),
        ]
        switch option.domain {
        case .boolean: fields["kind"] = "boolean"
        case .integer: fields["kind"] = "integer"
        case .real: fields["kind"] = "real"
        case .choice(let names):
            fields["kind"] = "choice"
            fields["choices"] = .list(names.map { .string($0) })
        }
        return .record(fields)
    }

    private static var compiler: String {
        #if compiler(>=6.3)
            "Swift 6.3 or later"
        #else
            "Swift 6.2"
        #endif
    }
}
