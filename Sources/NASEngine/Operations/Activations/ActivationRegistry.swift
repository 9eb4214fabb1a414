/// Every activation function; a new one is its file and a line here.
public enum ActivationRegistry {
    static let all: [any ActivationFunction.Type] = [
        ReLU.self,
        LeakyReLU.self,
        Tanh.self,
        Sigmoid.self,
        ELU.self,
        GELU.self,
        SiLU.self,
        Identity.self,
    ]

    /// The names that architectures may use.
    public static let names = all.map { $0.name }

    static func function(named name: String) throws(EngineError) -> any ActivationFunction.Type {
        guard let function = all.first(where: { $0.name == name }) else {
            let known = names.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalidArgument("activation_function must be one of \(known), got '\(name)'")
        }
        return function
    }
}
