public import CNASEngine

/// The object behind `nas_trial`.
final class AskedTrial {
    let trial: Trial
    init(_ trial: Trial) { self.trial = trial }
}

@c @implementation
public func nas_trial_free(_ trial: OpaquePointer?) { release(trial, AskedTrial.self) }

@c @implementation
public func nas_trial_architecture(
    _ trial: OpaquePointer?, _ architecture: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: AskedTrial = try object(trial, "trial")
        let entries = source.trial.architecture.entries.map { ($0.name, $0.value) }
        return hand(NamedValues(entries), to: try present(architecture, "architecture"))
    }
}

/// Writes one property of a trial to `target`.
private func write<T>(
    _ trial: OpaquePointer?, to target: UnsafeMutablePointer<T>?, _ name: String,
    _ property: (Trial) -> T
) -> nas_status {
    guarded { () throws(EngineError) in
        let source: AskedTrial = try object(trial, "trial")
        try present(target, name).pointee = property(source.trial)
        return NAS_OK
    }
}

@c @implementation
public func nas_trial_number(
    _ trial: OpaquePointer?, _ number: UnsafeMutablePointer<Int64>?
) -> nas_status {
    write(trial, to: number, "number") { Int64($0.number) }
}

@c @implementation
public func nas_trial_seed(
    _ trial: OpaquePointer?, _ seed: UnsafeMutablePointer<UInt64>?
) -> nas_status {
    write(trial, to: seed, "seed") { UInt64($0.seed) }
}

@c @implementation
public func nas_trial_fidelity(
    _ trial: OpaquePointer?, _ fidelity: UnsafeMutablePointer<Double>?
) -> nas_status {
    write(trial, to: fidelity, "fidelity") { $0.fidelity }
}

@c @implementation
public func nas_trial_origin(
    _ trial: OpaquePointer?, _ origin: UnsafeMutablePointer<Int64>?
) -> nas_status {
    write(trial, to: origin, "origin") { Int64($0.origin) }
}

@c @implementation
public func nas_trial_known(
    _ trial: OpaquePointer?, _ known: UnsafeMutablePointer<Int64>?
) -> nas_status {
    write(trial, to: known, "known") { Int64($0.known) }
}

@c @implementation
public func nas_trial_fresh(
    _ trial: OpaquePointer?, _ fresh: UnsafeMutablePointer<Int32>?
) -> nas_status {
    write(trial, to: fresh, "fresh") { $0.fresh ? 1 : 0 }
}
