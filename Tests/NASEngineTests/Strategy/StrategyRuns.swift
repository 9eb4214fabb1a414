@testable import NASEngine

/// A strategy to be driven without a session.
func strategy<S: Strategy>(
    _ type: S.Type, _ space: SearchSpace, _ options: [String: Value] = [:], seed: UInt64 = 1
) throws -> S {
    try S(
        space: space, options: try Options(options, for: S.options, of: S.name),
        random: RandomStream(seed: seed))
}

/// Lets a strategy have `batches` batches evaluated, or fewer if it ends; all that was observed, in order.
@discardableResult
func run(
    _ strategy: inout some Strategy, batches: Int, _ value: (Architecture) -> Double
) -> [Observation] {
    run(&strategy, batches: batches) { [value($0)] }
}

@discardableResult
func run(
    _ strategy: inout some Strategy, batches: Int, values: (Architecture) -> [Double]
) -> [Observation] {
    var observed: [Observation] = []
    for _ in 0..<batches {
        let batch = strategy.propose()
        if batch.isEmpty { break }
        let results = batch.enumerated().map { offset, proposal in
            Observation(
                proposal.architecture, values(proposal.architecture),
                number: observed.count + offset, fidelity: proposal.fidelity)
        }
        strategy.observe(results)
        observed += results
    }
    return observed
}

/// Integers of 0…9 by the name of their place.
func digits(_ count: Int) throws -> SearchSpace {
    try space((0..<count).map { ("\($0)", .integer(low: 0, high: 9, log: false)) })
}

extension Architecture {
    /// The numbers among its values, in order.
    var numbers: [Double] { entries.compactMap(\.value.number) }

    /// In how many places two architectures of an unconditional space differ.
    func changes(from other: Architecture) -> Int {
        zip(entries, other.entries).lazy.filter { $0 != $1 }.count
    }
}
