public import CNASEngine

@c @implementation
public func nas_dataset_create(
    _ train_inputs: UnsafePointer<Float>?, _ train_targets: UnsafePointer<Float>?,
    _ train_rows: Int, _ validation_inputs: UnsafePointer<Float>?,
    _ validation_targets: UnsafePointer<Float>?, _ validation_rows: Int, _ inputs: Int,
    _ outputs: Int, _ dataset: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    func matrix(
        _ name: String, _ base: UnsafePointer<Float>?, _ rows: Int, _ columns: Int
    ) throws(EngineError) -> Matrix {
        // Counts beyond Int.max arrive as negative numbers.
        try require(
            rows >= 0 && columns >= 0 && !rows.multipliedReportingOverflow(by: columns).overflow,
            "\(name) must fit into the address space")
        return try Matrix(name: name, base: try present(base, name), rows: rows, columns: columns)
    }
    return guarded { () throws(EngineError) in
        let handle = try present(dataset, "dataset")
        let created = try Dataset(
            trainInputs: try matrix("train_inputs", train_inputs, train_rows, inputs),
            trainTargets: try matrix("train_targets", train_targets, train_rows, outputs),
            validationInputs: try matrix(
                "validation_inputs", validation_inputs, validation_rows, inputs),
            validationTargets: try matrix(
                "validation_targets", validation_targets, validation_rows, outputs))
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
