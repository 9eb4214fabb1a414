public import CNASEngine

/// The object behind `nas_training`.
final class PausableTraining {
    let run: TrainingRun
    /// Whether results have the trained network.
    let keepsModel: Bool

    init(_ run: TrainingRun, keepsModel: Bool) {
        self.run = run
        self.keepsModel = keepsModel
    }

    static let options: [OptionSpecification] = [
        OptionSpecification(
            "row_fraction", 1.0, .real(0...1, openLow: true),
            "Share of the training rows that are trained on, the first ones."),
        OptionSpecification(
            "validate_every", .none, .integer(1...Int.max),
            "Epochs from one validation to the next."),
        OptionSpecification(
            "patience", .none, .integer(1...Int.max),
            "Validations without a new least loss after which it stops."),
        OptionSpecification(
            "threads", 1, .integer(1...Int.max), "Threads that work on it, without changing a bit."),
        OptionSpecification("keep_model", true, .boolean, "Whether results can predict."),
    ]
}

/// The engine's name of a generator.
func generatorKind(_ generator: nas_generator) throws(EngineError) -> GeneratorKind {
    switch generator {
    case NAS_GENERATOR_COUNTER: .counter
    case NAS_GENERATOR_TORCH: .torch
    default: throw .invalidArgument("generator must be 0 or 1, got \(generator.rawValue)")
    }
}

/// The candidate that named values describe for given data.
func candidate(_ architecture: OpaquePointer?, for data: Dataset) throws(EngineError) -> Candidate {
    let values: NamedValues = try object(architecture, "architecture")
    return try Candidate(
        Architecture(values.entries), inputWidth: data.inputWidth, outputWidth: data.outputWidth)
}

@c @implementation
public func nas_evaluate(
    _ architecture: OpaquePointer?, _ dataset: OpaquePointer?, _ epochs: Int64, _ seed: UInt64,
    _ generator: nas_generator, _ cancellation: OpaquePointer?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let data: Dataset = try object(dataset, "dataset")
        let stop: Cancellation? = try optionalObject(cancellation, "cancellation")
        let handle = try present(result, "result")
        let settings = TrainingSettings(
            epochs: Int(epochs), seed: seed, generator: try generatorKind(generator))
        let trained = try train(
            try candidate(architecture, for: data), on: data, settings: settings,
            cancellation: stop)
        return hand(TrainingResult(trained.outcome, trained.model), to: handle)
    }
}

// MARK: - With pauses

@c @implementation
public func nas_training_create(
    _ architecture: OpaquePointer?, _ dataset: OpaquePointer?, _ epochs: Int64, _ seed: UInt64,
    _ generator: nas_generator, _ options: OpaquePointer?,
    _ training: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let data: Dataset = try object(dataset, "dataset")
        let handle = try present(training, "training")
        let given: NamedValues? = try optionalObject(options, "options")
        let options = try Options(
            given?.dictionary ?? [:], for: PausableTraining.options, of: "training")
        let settings = TrainingSettings(
            epochs: Int(epochs), seed: seed, generator: try generatorKind(generator),
            threads: options[integer: "threads"], rowFraction: options[real: "row_fraction"],
            validationInterval: options[optionalInteger: "validate_every"],
            patience: options[optionalInteger: "patience"])
        let keepsModel = options[boolean: "keep_model"]
        let run = try TrainingRun(
            try candidate(architecture, for: data), on: data, settings: settings,
            keepsBest: keepsModel)
        return hand(PausableTraining(run, keepsModel: keepsModel), to: handle)
    }
}

@c @implementation
public func nas_training_free(_ training: OpaquePointer?) {
    release(training, PausableTraining.self)
}

@c @implementation
public func nas_training_advance(
    _ training: OpaquePointer?, _ epochs: Int64, _ rule: OpaquePointer?,
    _ cancellation: OpaquePointer?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let target: PausableTraining = try object(training, "training")
        let given: GivenRule? = try optionalObject(rule, "rule")
        let stop: Cancellation? = try optionalObject(cancellation, "cancellation")
        let handle = try present(result, "result")
        let outcome = try target.run.advance(
            to: Int(epochs), rule: given?.rule ?? StoppingRule(), cancellation: stop)
        let model = target.keepsModel ? try target.run.model() : nil
        return hand(TrainingResult(outcome, model), to: handle)
    }
}

@c @implementation
public func nas_training_pause(_ training: OpaquePointer?) -> nas_status {
    guarded { () throws(EngineError) in
        let target: PausableTraining = try object(training, "training")
        target.run.pause()
        return NAS_OK
    }
}

@c @implementation
public func nas_training_byte_count(
    _ training: OpaquePointer?, _ bytes: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: PausableTraining = try object(training, "training")
        try present(bytes, "bytes").pointee = source.run.byteCount
        return NAS_OK
    }
}
