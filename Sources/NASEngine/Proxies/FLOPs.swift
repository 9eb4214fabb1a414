/// Operations of a forward pass: the other baseline.
enum FLOPs: Proxy {
    static let name = "flops"
    static let summary = "Floating-point operations of one row's forward pass."
    static let isLargerBetter = true

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        Double(untrained.candidate.flops)
    }
}
