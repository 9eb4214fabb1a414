public import CNASEngine

private let names = CNames(StrategyRegistry.all.map { $0.name })

/// The option of every strategy, which is not the strategy's own.
private let objectivesOption = OptionSpecification(
    "objectives", 1, .integer(1...AskTell.mostObjectives), "How many values each trial has.")

@c @implementation
public func nas_strategy_count() -> Int { names.count }

@c @implementation
public func nas_strategy_name(
    _ index: Int, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> nas_status {
    guarded { () throws(EngineError) in try names.write(index, to: name) }
}

@c @implementation
public func nas_strategy_create(
    _ name: UnsafePointer<CChar>?, _ space: OpaquePointer?, _ options: OpaquePointer?,
    _ seed: UInt64, _ strategy: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let builder: SpaceBuilder = try object(space, "space")
        let handle = try present(strategy, "strategy")
        let given: NamedValues? = try optionalObject(options, "options")
        var values = given?.dictionary ?? [:]
        let objectives = try objectivesOption.validated(
            values.removeValue(forKey: objectivesOption.name) ?? objectivesOption.defaultValue)
        let created = try AskTell(
            strategy: try text(name, "name"), space: try builder.space(), options: values,
            seed: seed, objectives: objectives.wholeNumber ?? 1)
        return hand(created, to: handle)
    }
}

@c @implementation
public func nas_strategy_free(_ strategy: OpaquePointer?) { release(strategy, AskTell.self) }

/// The architectures behind a C array of handles.
private func architectures(
    _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int
) throws(EngineError) -> [Architecture] {
    var result: [Architecture] = []
    for handle in try array(handles, count, "architectures") {
        let values: NamedValues = try object(handle, "architectures")
        result.append(Architecture(values.entries))
    }
    return result
}

@c @implementation
public func nas_strategy_learn(
    _ strategy: OpaquePointer?, _ architectures: UnsafePointer<OpaquePointer?>?,
    _ values: UnsafePointer<Double>?, _ violations: UnsafePointer<Double>?, _ count: Int,
    _ objectives: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        let told: AskTell = try object(strategy, "strategy")
        // Before anything is read: only then is it known how much there is to read.
        try told.checkValueCount(objectives)
        let trials = try NASEngine.architectures(architectures, count)
        try require(
            !count.multipliedReportingOverflow(by: objectives).overflow,
            "values must fit into the address space")
        let values = try array(values, count * objectives, "values")
        let violations = violations.map { UnsafeBufferPointer(start: $0, count: count) }
        try told.learn(
            trials.enumerated().map { index, architecture in
                (
                    architecture, Array(values[index * objectives..<(index + 1) * objectives]),
                    violations?[index] ?? 0
                )
            })
        return NAS_OK
    }
}

@c @implementation
public func nas_strategy_enqueue(
    _ strategy: OpaquePointer?, _ architectures: UnsafePointer<OpaquePointer?>?, _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        let told: AskTell = try object(strategy, "strategy")
        try told.enqueue(try NASEngine.architectures(architectures, count))
        return NAS_OK
    }
}

@c @implementation
public func nas_strategy_ask(
    _ strategy: OpaquePointer?, _ trial: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in
        let asked: AskTell = try object(strategy, "strategy")
        let handle = try present(trial, "trial")
        guard let next = try asked.ask(1).first else { return NAS_NO_TRIAL }
        return hand(AskedTrial(next), to: handle)
    }
}

@c @implementation
public func nas_strategy_tell(
    _ strategy: OpaquePointer?, _ number: Int64, _ values: UnsafePointer<Double>?, _ count: Int,
    _ violation: Double
) -> nas_status {
    guarded { () throws(EngineError) in
        let told: AskTell = try object(strategy, "strategy")
        try told.checkValueCount(count)
        try told.tell(
            Int(number), Array(try array(values, count, "values")), violation: violation)
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
