public import CNASEngine

/// The object behind `nas_darts_result`.
final class DARTSSearchResult {
    let result: DARTS.Result
    let candidates: [[String]]
    /// The candidate name last handed out, kept until the next call.
    var name: CText?

    init(_ result: DARTS.Result, _ candidates: [[String]]) {
        self.result = result
        self.candidates = candidates
    }
}

@c @implementation
public func nas_darts(
    _ activations: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ options: OpaquePointer?,
    _ dataset: OpaquePointer?, _ cancellation: OpaquePointer?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let data: Dataset = try object(dataset, "dataset")
        let handle = try present(result, "result")
        let given: NamedValues? = try optionalObject(options, "options")
        let stop: Cancellation? = try optionalObject(cancellation, "cancellation")
        var names: [String] = []
        for name in try array(activations, count, "activations") {
            names.append(try text(name, "activations"))
        }
        let search = try DARTS(
            activations: names, options: given?.dictionary ?? [:], inputWidth: data.inputWidth,
            outputWidth: data.outputWidth)
        let found = try search.search(data, cancellation: stop)
        return hand(DARTSSearchResult(found, search.candidates), to: handle)
    }
}

@c @implementation
public func nas_darts_result_free(_ result: OpaquePointer?) {
    release(result, DARTSSearchResult.self)
}

@c @implementation
public func nas_darts_summary(
    _ result: OpaquePointer?, _ status: UnsafeMutablePointer<nas_outcome_status>?,
    _ training_loss: UnsafeMutablePointer<Double>?,
    _ validation_loss: UnsafeMutablePointer<Double>?, _ cells: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: DARTSSearchResult = try object(result, "result")
        status?.pointee = code(source.result.status)
        training_loss?.pointee = source.result.trainingLosses.last ?? .infinity
        validation_loss?.pointee = source.result.validationLosses.last ?? .infinity
        cells?.pointee = source.candidates.count
        return NAS_OK
    }
}

@c @implementation
public func nas_darts_alpha(
    _ result: OpaquePointer?, _ cell: Int, _ index: Int,
    _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ alpha: UnsafeMutablePointer<Float>?,
    _ count: UnsafeMutablePointer<Int>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: DARTSSearchResult = try object(result, "result")
        try require(
            source.candidates.indices.contains(cell),
            "cell must be below \(source.candidates.count), got \(UInt(bitPattern: cell))")
        let names = source.candidates[cell]
        try require(
            names.indices.contains(index),
            "index must be below \(names.count), got \(UInt(bitPattern: index))")
        guard let last = source.result.alphas.last else {
            throw .invalidArgument("result must be of a search that completed an epoch")
        }
        let (nameTarget, alphaTarget) = (try present(name, "name"), try present(alpha, "alpha"))
        let countTarget = try present(count, "count")
        let kept = CText(names[index])
        source.name = kept
        nameTarget.pointee = kept.read
        alphaTarget.pointee = last[cell][index]
        countTarget.pointee = names.count
        return NAS_OK
    }
}
