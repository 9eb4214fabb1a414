public import CNASEngine

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
        let width = try LossRegistry.loss(named: name).targetWidth(outputs: outputs)
        // Where outputs are no columns of the caller's, nothing else limits them.
        try require(
            width == outputs || (1...Candidate.largestWidth).contains(outputs),
            "outputs must be in [1, \(Candidate.largestWidth)], got \(UInt(bitPattern: outputs))")
        let created = try Dataset(
            trainInputs: try matrix("train_inputs", train_inputs, train_rows, inputs),
            trainTargets: try matrix("train_targets", train_targets, train_rows, width),
            validationInputs: try matrix(
                "validation_inputs", validation_inputs, validation_rows, inputs),
            validationTargets: try matrix(
                "validation_targets", validation_targets, validation_rows, width), loss: name,
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
