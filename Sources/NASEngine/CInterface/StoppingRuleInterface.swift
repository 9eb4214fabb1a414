public import CNASEngine

/// The object behind `nas_stopping_rule`.
final class GivenRule {
    var rule = StoppingRule()
}

@c @implementation
public func nas_stopping_rule_create(
    _ rule: UnsafeMutablePointer<OpaquePointer?>?
) -> nas_status {
    guarded { () throws(EngineError) in hand(GivenRule(), to: try present(rule, "rule")) }
}

@c @implementation
public func nas_stopping_rule_free(_ rule: OpaquePointer?) { release(rule, GivenRule.self) }

@c @implementation
public func nas_stopping_rule_set_thresholds(
    _ rule: OpaquePointer?, _ thresholds: UnsafePointer<Double>?, _ count: Int
) -> nas_status {
    guarded { () throws(EngineError) in
        let target: GivenRule = try object(rule, "rule")
        target.rule.thresholds = Array(try array(thresholds, count, "thresholds"))
        return NAS_OK
    }
}

@c @implementation
public func nas_stopping_rule_set_forecast(
    _ rule: OpaquePointer?, _ goal: Double, _ probability: Double, _ first_epoch: Int64
) -> nas_status {
    guarded { () throws(EngineError) in
        let target: GivenRule = try object(rule, "rule")
        target.rule.forecast = StoppingRule.Forecast(
            goal: goal, probability: probability, firstEpoch: Int(first_epoch))
        return NAS_OK
    }
}
