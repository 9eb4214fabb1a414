import CMachine

/// The time that predicting takes: measured, on one thread, with the weights in the caches.
public enum Latency {
    /// A forward pass that is shorter than this is timed together with others: the clock is read for less than
    /// a hundredth of it.
    private static let shortest: UInt64 = 20_000

    /// The median over the repetitions of the seconds that a forward pass takes.
    ///
    /// Weights are the candidate's initial ones, data are normal: products skip zeros, so these matter.
    ///
    /// - Parameters:
    ///   - rows: rows of a pass.
    ///   - repetitions: how often to measure, at least 1.
    /// - Returns: NaN if it was cancelled.
    public static func measure(
        _ candidate: Candidate, rows: Int, repetitions: Int, cancellation: Cancellation? = nil
    ) throws(EngineError) -> Double {
        for (name, value) in [("rows", rows), ("repetitions", repetitions)] {
            try require(value >= 1 && value <= 1 << 24, "\(name) must be in [1, 16777216], got \(value)")
        }
        let mode = nas_machine_flush_denormals()
        defer { nas_machine_restore_denormals(mode) }
        let plan = try TrainingPlan(candidate.network, rows: rows, purpose: .prediction)
        var random = TrainingRandom(kind: .counter, seed: 0)
        try plan.initialize(candidate.initializer, &random)
        let inputs = try Arena(floats: rows * candidate.inputWidth, zeroed: 0)
        let outputs = try Arena(floats: rows * candidate.outputWidth, zeroed: 0)
        defer { withExtendedLifetime((inputs, outputs)) {} }
        var stream = RandomStream(seed: 0).derived("latency")
        for index in 0..<rows * candidate.inputWidth {
            inputs.base[index] = Float(stream.normal())
        }
        func seconds(passes: Int) -> Double {
            let start = Clock.nanoseconds
            for _ in 0..<passes {
                plan.predict(
                    inputs.base, rows: rows, into: outputs.base, cancellation: cancellation)
            }
            return Double(Clock.nanoseconds - start) * 1e-9 / Double(passes)
        }

        // Twice as many passes each time, so that the last round is a warm one.
        var passes = 1
        while passes < 1 << 16 {
            let start = Clock.nanoseconds
            _ = seconds(passes: passes)
            if Clock.nanoseconds - start >= shortest { break }
            passes *= 2
        }
        _ = seconds(passes: passes)
        var times: [Double] = []
        for _ in 0..<repetitions {
            times.append(seconds(passes: passes))
            if cancellation?.isCancelled == true { return .nan }
        }
        times.sort()
        let middle = times.count / 2
        return times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    }
}
