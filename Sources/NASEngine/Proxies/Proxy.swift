/// A figure of an untrained candidate that should order candidates as training them would.
///
/// One file each, plus one line in ``ProxyRegistry``. A proxy depends on its arguments only, bit for bit.
public protocol Proxy: Sendable {
    /// The name in Python.
    static var name: String { get }

    /// One sentence with the source.
    static var summary: String { get }

    /// Whether candidates with a larger score are expected to be better.
    static var isLargerBetter: Bool { get }

    /// The score; infinite or NaN where float32 is not enough for the candidate, or it was cancelled.
    static func score(_ candidate: UntrainedCandidate) throws(EngineError) -> Double
}

/// Every proxy; a new one is its file and a line here.
public enum ProxyRegistry {
    public static let all: [any Proxy.Type] = [
        GradientNorm.self,
        SynFlow.self,
        JacobianCovariance.self,
        ActivationPatterns.self,
        ParameterCount.self,
        FLOPs.self,
    ]

    /// Throws ``EngineError/invalidArgument(_:)`` for an unknown name.
    public static func proxy(named name: String) throws(EngineError) -> any Proxy.Type {
        guard let proxy = all.first(where: { $0.name == name }) else {
            let known = all.map { "'\($0.name)'" }.joined(separator: ", ")
            throw .invalidArgument("proxy must be one of \(known), got '\(name)'")
        }
        return proxy
    }
}
