import CPython
import NASEngine

/// `Strategy(name, space, options, seed)`: a strategy to be asked and told.
///
/// Python's lock serialises the calls, as none of them releases it.
final class StrategyObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Strategy"

    let session: AskTell

    init(_ session: AskTell) { self.session = session }

    static func make(_ arguments: PyReference?) throws(PythonError) -> StrategyObject {
        let arguments = try Arguments(arguments, 4, of: "Strategy")
        let name = try arguments.string(0, "name")
        let space = try arguments.object(1, "space", SpaceObject.self).space
        let options = try arguments.options(2)
        let seed = try arguments.seed(3)
        return StrategyObject(
            try engine { () throws(EngineError) in
                try AskTell(strategy: name, space: space, options: options, seed: seed)
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
                "ask(limit): up to limit tuples (number, architecture, seed, fresh); none while results are needed."
            ) { receiver, arguments in
                guarded { () throws(PythonError) in
                    let session = try NASPyModule.receiver(receiver, StrategyObject.self).session
                    let limit = try Arguments(arguments, 1, of: "ask").integer(0, "limit")
                    let trials = try engine { () throws(EngineError) in try session.ask(limit) }
                    return try pythonList(trials) { (trial) throws(PythonError) in
                        try pythonTuple([
                            try python(trial.number), try python(trial.architecture),
                            try python(Int(trial.seed)), try python(trial.fresh),
                        ])
                    }
                }
            },
            method("tell", "tell(number, value): the result of a trial, to be minimised.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let session = try NASPyModule.receiver(receiver, StrategyObject.self).session
                    let arguments = try Arguments(arguments, 2, of: "tell")
                    let number = try arguments.integer(0, "number")
                    let value = try arguments.real(1, "value")
                    try engine { () throws(EngineError) in try session.tell(number, value) }
                    return nas_py_none()
                }
            },
            method("state", "state(): everything that has happened so far, as plain data.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "state")
                    return try python(
                        try NASPyModule.receiver(receiver, StrategyObject.self).session.state)
                }
            },
            method("restore", "restore(state): go on where state() was called.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let session = try NASPyModule.receiver(receiver, StrategyObject.self).session
                    let state = try value(try Arguments(arguments, 1, of: "restore")[0], "state")
                    try engine { () throws(EngineError) in try session.restore(state) }
                    return nas_py_none()
                }
            },
        ]
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
