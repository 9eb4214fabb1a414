/// Trainable numbers: the baseline that other proxies must beat.
enum ParameterCount: Proxy {
    static let name = "parameter_count"
    static let summary = "Trainable numbers of the network."
    static let isLargerBetter = true

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        Double(untrained.candidate.parameterCount)
    }
}
