public import CNASEngine

/// The object behind `nas_result`.
final class TrainingResult {
    let outcome: Outcome
    /// Nil if it was not to be kept.
    let model: Model?

    init(_ outcome: Outcome, _ model: Model?) {
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
    case .stopped: NAS_STOPPED
    }
}

/// How many of `count` elements to copy; a capacity beyond `Int.max` arrives as a negative number.
private func room(for count: Int, _ capacity: Int) -> Int {
    capacity < 0 ? count : min(capacity, count)
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
        let counted = try present(count, "count")
        let room = room(for: values.count, capacity)
        if room > 0 {
            let target = try present(losses, "losses")
            for index in 0..<room { target[index] = values[index] }
        }
        counted.pointee = values.count
        return NAS_OK
    }
}

@c @implementation
public func nas_result_epochs(
    _ result: OpaquePointer?, _ epochs: UnsafeMutablePointer<Int64>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        try present(epochs, "epochs").pointee = Int64(source.outcome.epochs)
        return NAS_OK
    }
}

@c @implementation
public func nas_result_validations(
    _ result: OpaquePointer?, _ epochs: UnsafeMutablePointer<Int64>?,
    _ losses: UnsafeMutablePointer<Double>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: TrainingResult = try object(result, "result")
        let curve = source.outcome.validations
        try present(count, "count").pointee = curve.count
        for (index, point) in curve.prefix(room(for: curve.count, capacity)).enumerated() {
            epochs?[index] = Int64(point.epoch)
            losses?[index] = point.loss
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
        guard let model = source.model else {
            throw .invalidArgument("result must be of a training with keep_model, got one without")
        }
        let columns = model.candidate.inputWidth
        try require(
            rows >= 0 && !rows.multipliedReportingOverflow(by: columns).overflow,
            "inputs must fit into the address space")
        let matrix = try Matrix(
            name: "inputs", base: try present(inputs, "inputs"), rows: rows, columns: columns)
        try model.predict(matrix, into: try present(predictions, "predictions"))
        return NAS_OK
    }
}
