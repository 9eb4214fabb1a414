import CPython
import NASEngine
import Synchronization

/// `Training(architecture, dataset, epochs, seed, rng, initial_weights, row_fraction, validate_every, patience,
/// keep_model)`: a training that can pause.
final class TrainingObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Training"

    private let run: TrainingRun
    /// Whether a call is under way: others may come meanwhile, as it gives up Python's lock.
    private let isBusy = Atomic<Bool>(false)

    private init(_ run: TrainingRun) { self.run = run }

    static func make(_ arguments: PyReference?) throws(PythonError) -> TrainingObject {
        let arguments = try Arguments(arguments, 10, of: "Training")
        let architecture = try arguments.architecture(0)
        let dataset = try arguments.object(1, "dataset", DatasetObject.self).dataset
        let settings = TrainingSettings(
            epochs: try arguments.integer(2, "epochs"), seed: try arguments.seed(3),
            generator: try arguments.generator(4),
            rowFraction: try arguments.real(6, "row_fraction"),
            validationInterval: try arguments.optionalInteger(7, "validate_every"),
            patience: try arguments.optionalInteger(8, "patience"))
        let weights = try arguments.weights(5, "initial_weights")
        let keepModel = try arguments.boolean(9)
        return TrainingObject(
            try engine { () throws(EngineError) in
                try TrainingRun(
                    try Candidate(
                        architecture, inputWidth: dataset.inputWidth,
                        outputWidth: dataset.outputWidth),
                    on: dataset, settings: settings, initialParameters: weights,
                    keepsBest: keepModel)
            })
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: TrainingObject.self) }

    static var methods: [PyMethodDef] {
        [
            method(
                "advance",
                """
                advance(epochs, thresholds, forecast, cancellation, threads): train until so many epochs are \
                done in all or the rule says stop, validate, and return the outcome as a dict.
                """
            ) { receiver, arguments in
                guarded { () throws(PythonError) in
                    let training = try NASPyModule.receiver(receiver, TrainingObject.self)
                    return try training.advance(try Arguments(arguments, 5, of: "advance"))
                }
            },
            method("pause", "pause(): give back all memory that the training can do without.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let training = try NASPyModule.receiver(receiver, TrainingObject.self)
                    _ = try Arguments(arguments, 0, of: "pause")
                    return try training.alone { (run) throws(PythonError) in
                        run.pause()
                        return nas_py_none()
                    }
                }
            },
            method("model", "model(): the network as the last outcome validated it.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let training = try NASPyModule.receiver(receiver, TrainingObject.self)
                    _ = try Arguments(arguments, 0, of: "model")
                    let model = try training.alone { (run) throws(PythonError) in
                        try engine { () throws(EngineError) in try run.model() }
                    }
                    let type = nas_py_type_object(try checked(receiver))
                    return try Training.wrapped(
                        model, try checked(PyType_GetModule(OpaquePointer(type))))
                }
            },
        ]
    }

    static var getters: [PyGetSetDef] {
        [
            getter("byte_count", "Bytes that the training holds, the data not counted.") {
                receiver, _ in
                guarded { () throws(PythonError) in
                    let training = try NASPyModule.receiver(receiver, TrainingObject.self)
                    return try training.alone { (run) throws(PythonError) in
                        try python(run.byteCount)
                    }
                }
            }
        ]
    }

    private func advance(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let epochs = try arguments.integer(0, "epochs")
        let rule = StoppingRule(
            thresholds: try elements(arguments[1], "thresholds") { (_, item) throws(PythonError) in
                try real(item, "thresholds")
            }, forecast: try Self.forecast(arguments, 2))
        let stop = try arguments.optionalObject(3, "cancellation", CancellationObject.self)
        let threads = try arguments.integer(4, "threads")
        return try alone { (run) throws(PythonError) in
            try Training.summary(
                try GIL.released(cancellation: stop?.cancellation) {
                    (cancellation) throws(EngineError) in
                    try run.advance(
                        to: epochs, threads: threads, rule: rule, cancellation: cancellation)
                })
        }
    }

    /// A tuple (goal, probability, first epoch), or nil for None.
    private static func forecast(
        _ arguments: Arguments, _ index: Int
    ) throws(PythonError) -> StoppingRule.Forecast? {
        guard !arguments.isNone(index) else { return nil }
        return try withElements(arguments[index], "forecast") { (items) throws(PythonError) in
            guard items.count == 3 else {
                throw .value("forecast must have 3 elements, got \(items.count)")
            }
            return StoppingRule.Forecast(
                goal: try real(items[0], "goal"), probability: try real(items[1], "probability"),
                firstEpoch: try integer(items[2], "first_epoch"))
        }
    }

    /// What `body` makes of the training, which no other thread uses meanwhile.
    private func alone<R>(_ body: (TrainingRun) throws(PythonError) -> R) throws(PythonError) -> R {
        guard !isBusy.exchange(true, ordering: .acquiring) else {
            throw .value("a training must be used by one thread at a time, another one uses it")
        }
        defer { isBusy.store(false, ordering: .releasing) }
        return try body(run)
    }
}
