import CPython
import NASEngine

/// `Strategy(name, space, options, seed, objectives)`: a strategy to be asked and told.
///
/// Python's lock serialises the calls, as none of them releases it.
final class StrategyObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Strategy"

    let session: AskTell

    init(_ session: AskTell) { self.session = session }

    static func make(_ arguments: PyReference?) throws(PythonError) -> StrategyObject {
        let arguments = try Arguments(arguments, 5, of: "Strategy")
        let name = try arguments.string(0, "name")
        let space = try arguments.object(1, "space", SpaceObject.self).space
        let options = try arguments.options(2)
        let seed = try arguments.seed(3)
        let objectives = try arguments.integer(4, "objectives")
        return StrategyObject(
            try engine { () throws(EngineError) in
                try AskTell(
                    strategy: name, space: space, options: options, seed: seed,
                    objectives: objectives)
            })
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: StrategyObject.self) }

    static var methods: [PyMethodDef] {
        [
            method(
                "ask",
                """
                ask(limit): up to limit tuples (number, architecture, seed, fresh, fidelity, origin, known); none
                while results are needed.
                """
            ) { receiver, arguments in
                guarded { () throws(PythonError) in
                    try StrategyObject.ask(receiver, try Arguments(arguments, 1, of: "ask"))
                }
            },
            method(
                "tell",
                "tell(number, values, violation): the results of a trial, to be minimised."
            ) { receiver, arguments in
                guarded { () throws(PythonError) in
                    try StrategyObject.tell(receiver, try Arguments(arguments, 3, of: "tell"))
                }
            },
            method(
                "learn",
                "learn(trials): what is known before, from tuples (architecture, values, violation)."
            ) { receiver, arguments in
                guarded { () throws(PythonError) in
                    try StrategyObject.learn(receiver, try Arguments(arguments, 1, of: "learn"))
                }
            },
            method("enqueue", "enqueue(architectures): what is evaluated first.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    try StrategyObject.enqueue(receiver, try Arguments(arguments, 1, of: "enqueue"))
                }
            },
            method("state", "state(): everything that has happened so far, as plain data.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "state")
                    return try python(try StrategyObject.session(receiver).state)
                }
            },
            method("restore", "restore(state): go on where state() was called.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    try StrategyObject.restore(receiver, try Arguments(arguments, 1, of: "restore"))
                }
            },
        ]
    }

    private static func session(_ receiver: PyReference?) throws(PythonError) -> AskTell {
        try NASPyModule.receiver(receiver, StrategyObject.self).session
    }

    private static func ask(
        _ receiver: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let session = try session(receiver)
        let limit = try arguments.integer(0, "limit")
        let trials = try engine { () throws(EngineError) in try session.ask(limit) }
        return try pythonList(trials) { (trial) throws(PythonError) in
            var fields = try PythonTuple(count: 7)
            fields.add(try python(trial.number))
            fields.add(try python(trial.architecture))
            fields.add(try python(Int(trial.seed)))
            fields.add(try python(trial.fresh))
            fields.add(try python(trial.fidelity))
            fields.add(try python(trial.origin))
            fields.add(try python(trial.known))
            return fields.finish()
        }
    }

    private static func tell(
        _ receiver: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let session = try session(receiver)
        let number = try arguments.integer(0, "number")
        let values = try arguments.reals(1, "values")
        let violation = try arguments.real(2, "violation")
        try engine { () throws(EngineError) in
            try session.tell(number, values, violation: violation)
        }
        return nas_py_none()
    }

    private static func learn(
        _ receiver: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let session = try session(receiver)
        let trials = try elements(arguments[0], "trials", earlierTrial)
        try engine { () throws(EngineError) in try session.learn(trials) }
        return nas_py_none()
    }

    private static func enqueue(
        _ receiver: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let session = try session(receiver)
        let architectures = try elements(arguments[0], "architectures") {
            (index, item) throws(PythonError) in
            Architecture(try entries(item, "architectures[\(index)]"))
        }
        try engine { () throws(EngineError) in try session.enqueue(architectures) }
        return nas_py_none()
    }

    private static func restore(
        _ receiver: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let session = try session(receiver)
        let state = try value(arguments[0], "state")
        try engine { () throws(EngineError) in try session.restore(state) }
        return nas_py_none()
    }

    private static func earlierTrial(
        _ index: Int, _ item: PyReference
    ) throws(PythonError) -> (architecture: Architecture, values: [Double], violation: Double) {
        try withElements(item, "trials") { (fields) throws(PythonError) in
            guard fields.count == 3 else {
                throw .value("trials must hold (architecture, values, violation), got \(fields.count) fields")
            }
            return (
                Architecture(try entries(fields[0], "trials[\(index)]")),
                try reals(fields[1], "values"), try real(fields[2], "violation")
            )
        }
    }

    static var getters: [PyGetSetDef] {
        [
            getter("exhausted", "Whether the space holds nothing more to ask for.") { receiver, _ in
                guarded { () throws(PythonError) in
                    try python(
                        try NASPyModule.receiver(receiver, StrategyObject.self).session.isExhausted)
                }
            }
        ]
    }
}
