public import CNASEngine

/// The object behind `nas_result`.
final class TrainingResult {
    let outcome: Outcome
    let model: Model

    init(_ outcome: Outcome, _ model: Model) {
        self.outcome = outcome
        self.model = model
    }
}

/// An outcome's status as the header has it.
func code(_ status: Outcome.Status) -> nas_outcome_status {
    switch status {
    case .ok: NAS_TRAINED
    case .diverged: NAS_DIVERGED
    case .cancelled: NAS_CANCELLED
    // Nothing in the C interface stops a training early, and the value would be as good.
    case .stopped: NAS_TRAINED
    }
}

/// The object behind a handle that may be null.
func optionalObject<T: AnyObject>(_ handle: OpaquePointer?) -> T? {
    handle.map { Unmanaged<T>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

/// A matrix of the caller's.
private func matrix(
    _ name: String, _ base: UnsafePointer<Float>?, _ rows: Int, _ columns: Int
) throws(EngineError) -> Matrix {
    // Counts beyond Int.max arrive as negative numbers.
    try require(
        rows >= 0 && columns >= 0 && !rows.multipliedReportingOverflow(by: columns).overflow,
        "\(name) must fit into the address space")
    return try Matrix(name: name, base: try present(base, name), rows: rows, columns: columns)
}

@c @implementation
public func nas_dataset_create(
    _ train_inputs: UnsafePointer<Float>?, _ train_targets: UnsafePointer<Float>?,
    _ train_rows: Int, _ validation_inputs: UnsafePointer<Float>?,
    _ validation_targets: UnsafePointer<Float>?, _ validation_rows: Int, _ inputs: Int,
    _ outputs: Int, _ dataset: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    "mse".withCString { loss in
        nas_dataset_create_for(
            loss, train_inputs, train_targets, nil, train_rows, validation_inputs,
            validation_targets, validation_rows, inputs, outputs, dataset)
    }
}

/// So many that a matrix from as many to as many still has a size.
private let largestWidth = 1 << 28

@c @implementation
public func nas_dataset_create_for(
    _ loss: UnsafePointer<CChar>?, _ train_inputs: UnsafePointer<Float>?,
    _ train_targets: UnsafePointer<Float>?, _ train_weights: UnsafePointer<Float>?,
    _ train_rows: Int, _ validation_inputs: UnsafePointer<Float>?,
    _ validation_targets: UnsafePointer<Float>?, _ validation_rows: Int, _ inputs: Int,
    _ outputs: Int, _ dataset: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let handle = try present(dataset, "dataset")
        let name = try text(loss, "loss")
        try require(
            outputs >= 1 && outputs <= largestWidth,
            "outputs must be in [1, \(largestWidth)], got \(UInt(bitPattern: outputs))")
        let targets = try LossRegistry.loss(named: name).targetWidth(outputs: outputs)
        let created = try Dataset(
            trainInputs: try matrix("train_inputs", train_inputs, train_rows, inputs),
            trainTargets: try matrix("train_targets", train_targets, train_rows, targets),
            validationInputs: try matrix(
                "validation_inputs", validation_inputs, validation_rows, inputs),
            validationTargets: try matrix(
                "validation_targets", validation_targets, validation_rows, targets), loss: name,
            outputs: outputs,
            trainWeights: train_weights == nil
                ? nil : try matrix("train_weights", train_weights, train_rows, 1))
        return hand(created, to: handle)
    }
}

@c @implementation
public func nas_dataset_free(_ dataset: OpaquePointer?) { release(dataset, Dataset.self) }

@c @implementation
public func nas_cancellation_create(
    _ cancellation: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        hand(Cancellation(), to: try present(cancellation, "cancellation"))
    }
}

@c @implementation
public func nas_cancellation_free(_ cancellation: OpaquePointer?) {
    release(cancellation, Cancellation.self)
}

@c @implementation
public func nas_cancellation_cancel(_ cancellation: OpaquePointer?) -> nas_status {
    guarded { () throws(EngineError) in
        let target: Cancellation = try object(cancellation, "cancellation")
        target.cancel()
        return NAS_OK
    }
}

@c @implementation
public func nas_evaluate(
    _ architecture: OpaquePointer?, _ dataset: OpaquePointer?, _ epochs: Int64, _ seed: UInt64,
    _ generator: nas_generator, _ cancellation: OpaquePointer?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let values: NamedValues = try object(architecture, "architecture")
        let data: Dataset = try object(dataset, "dataset")
        let handle = try present(result, "result")
        let kind: GeneratorKind
        switch generator {
        case NAS_GENERATOR_COUNTER: kind = .counter
        case NAS_GENERATOR_TORCH: kind = .torch
        default:
            throw .invalidArgument("generator must be 0 or 1, got \(generator.rawValue)")
        }
        let candidate = try Candidate(
            Architecture(values.entries), inputWidth: data.inputWidth,
            outputWidth: data.outputWidth)
        let trained = try train(
            candidate, on: data,
            settings: TrainingSettings(epochs: Int(epochs), seed: seed, generator: kind),
            cancellation: optionalObject(cancellation))
        guard let model = trained.model else { preconditionFailure("a model was asked for") }
        return hand(TrainingResult(trained.outcome, model), to: handle)
    }
}

@c @implementation
public func nas_result_free(_ result: OpaquePointer?) { release(result, TrainingResult.self) }

@c @implementation
public func nas_result_summary(
    _ result: OpaquePointer?, _ status: UnsafeMutablePointer<nas_outcome_status>?,
    _ validation_loss: UnsafeMutablePointer<Double>?, _ parameters: UnsafeMutablePointer<Int64>?,
    _ flops: UnsafeMutablePointer<Int64>?, _ wall_seconds: UnsafeMutablePointer<Double>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        status?.pointee = code(source.outcome.status)
        validation_loss?.pointee = source.outcome.validationLoss
        parameters?.pointee = Int64(source.outcome.parameterCount)
        flops?.pointee = Int64(source.outcome.flops)
        wall_seconds?.pointee = source.outcome.wallSeconds
        return NAS_OK
    }
}

@c @implementation
public func nas_result_accuracy(
    _ result: OpaquePointer?, _ accuracy: UnsafeMutablePointer<Double>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        try present(accuracy, "accuracy").pointee = source.outcome.validationAccuracy ?? .nan
        return NAS_OK
    }
}

@c @implementation
public func nas_result_losses(
    _ result: OpaquePointer?, _ losses: UnsafeMutablePointer<Double>?, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        let values = source.outcome.trainingLosses
        try present(count, "count").pointee = values.count
        let room = capacity < 0 ? values.count : min(capacity, values.count)
        if room > 0 {
            let target = try present(losses, "losses")
            for index in 0..<room { target[index] = values[index] }
        }
        return NAS_OK
    }
}

@c @implementation
public func nas_result_predict(
    _ result: OpaquePointer?, _ inputs: UnsafePointer<Float>?, _ rows: Int,
    _ predictions: UnsafeMutablePointer<Float>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        let columns = source.model.candidate.inputWidth
        try require(
            rows >= 0 && !rows.multipliedReportingOverflow(by: columns).overflow,
            "inputs must fit into the address space")
        let matrix = try Matrix(
            name: "inputs", base: try present(inputs, "inputs"), rows: rows, columns: columns)
        try source.model.predict(matrix, into: try present(predictions, "predictions"))
        return NAS_OK
    }
}
