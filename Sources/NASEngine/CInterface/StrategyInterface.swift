public import CNASEngine

/// The names of all strategies as C strings, made once.
private enum StrategyNames {
    // Never written to after creation.
    nonisolated(unsafe) static let all = StrategyRegistry.all.map { CText($0.name) }
}

@c @implementation
public func nas_strategy_count() -> Int { StrategyNames.all.count }

@c @implementation
public func nas_strategy_name(
    _ index: Int, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        try require(
            StrategyNames.all.indices.contains(index),
            "index must be below \(StrategyNames.all.count), got \(UInt(bitPattern: index))")
        try present(name, "name").pointee = StrategyNames.all[index].pointer.map {
            UnsafePointer($0)
        }
        return NAS_OK
    }
}

@c @implementation
public func nas_strategy_create(
    _ name: UnsafePointer<CChar>?, _ space: OpaquePointer?, _ options: OpaquePointer?,
    _ seed: UInt64, _ strategy: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        let handle = try present(strategy, "strategy")
        var values: [String: Value] = [:]
        if options != nil {
            let given: NamedValues = try object(options, "options")
            values = given.dictionary
        }
        let created = try AskTell(
            strategy: try text(name, "name"), space: try SearchSpace(builder.parameters),
            options: values, seed: seed)
        return hand(created, to: handle)
    }
}

@c @implementation
public func nas_strategy_free(_ strategy: OpaquePointer?) { release(strategy, AskTell.self) }

@c @implementation
public func nas_strategy_ask(
    _ strategy: OpaquePointer?, _ number: UnsafeMutablePointer<Int64>?,
    _ seed: UnsafeMutablePointer<UInt64>?, _ architecture: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let asked: AskTell = try object(strategy, "strategy")
        let handle = try present(architecture, "architecture")
        let (numberTarget, seedTarget) = (try present(number, "number"), try present(seed, "seed"))
        guard let trial = try asked.ask(1).first else { return NAS_NO_TRIAL }
        numberTarget.pointee = Int64(trial.number)
        seedTarget.pointee = UInt64(trial.seed)
        let entries = trial.architecture.entries.map { ($0.name, $0.value) }
        return hand(NamedValues(entries), to: handle)
    }
}

@c @implementation
public func nas_strategy_tell(
    _ strategy: OpaquePointer?, _ number: Int64, _ value: Double
) -> nas_status {
    guarded { () throws(EngineError) in
        let told: AskTell = try object(strategy, "strategy")
        try told.tell(Int(number), value)
        return NAS_OK
    }
}

@c @implementation
public func nas_strategy_exhausted(
    _ strategy: OpaquePointer?, _ exhausted: UnsafeMutablePointer<Int32>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let asked: AskTell = try object(strategy, "strategy")
        try present(exhausted, "exhausted").pointee = asked.isExhausted ? 1 : 0
        return NAS_OK
    }
}
