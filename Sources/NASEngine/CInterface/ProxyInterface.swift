public import CNASEngine

private let names = CNames(ProxyRegistry.all.map { $0.name })

@c @implementation
public func nas_proxy_count() -> Int { names.count }

@c @implementation
public func nas_proxy_name(
    _ index: Int, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> nas_status {
    guarded { () throws(EngineError) in try names.write(index, to: name) }
}

@c @implementation
public func nas_proxy_larger_is_better(
    _ name: UnsafePointer<CChar>?, _ larger_is_better: UnsafeMutablePointer<Int32>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let proxy = try ProxyRegistry.proxy(named: try text(name, "name"))
        try present(larger_is_better, "larger_is_better").pointee = proxy.isLargerBetter ? 1 : 0
        return NAS_OK
    }
}

@c @implementation
public func nas_proxy_score(
    _ name: UnsafePointer<CChar>?, _ architecture: OpaquePointer?, _ dataset: OpaquePointer?,
    _ rows: Int, _ seed: UInt64, _ generator: nas_generator, _ cancellation: OpaquePointer?,
    _ score: UnsafeMutablePointer<Double>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let proxy = try ProxyRegistry.proxy(named: try text(name, "name"))
        let data: Dataset = try object(dataset, "dataset")
        let stop: Cancellation? = try optionalObject(cancellation, "cancellation")
        let target = try present(score, "score")
        let untrained = try UntrainedCandidate(
            try candidate(architecture, for: data), on: data, rows: try length(rows, "rows"),
            seed: seed, generator: try generatorKind(generator), cancellation: stop)
        target.pointee = try untrained.score(proxy)
        return NAS_OK
    }
}

@c @implementation
public func nas_latency(
    _ architecture: OpaquePointer?, _ inputs: Int, _ outputs: Int, _ rows: Int,
    _ repetitions: Int, _ cancellation: OpaquePointer?, _ seconds: UnsafeMutablePointer<Double>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let values: NamedValues = try object(architecture, "architecture")
        let stop: Cancellation? = try optionalObject(cancellation, "cancellation")
        let target = try present(seconds, "seconds")
        for (name, width) in [("inputs", inputs), ("outputs", outputs)] {
            let most = Candidate.largestWidth
            try require(
                (1...most).contains(width),
                "\(name) must be in [1, \(most)], got \(UInt(bitPattern: width))")
        }
        let candidate = try Candidate(
            Architecture(values.entries), inputWidth: inputs, outputWidth: outputs)
        target.pointee = try Latency.measure(
            candidate, rows: try length(rows, "rows"),
            repetitions: try length(repetitions, "repetitions"), cancellation: stop)
        return NAS_OK
    }
}
