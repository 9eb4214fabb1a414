import NASKernelInterface

/// An element-wise function with its derivative: one file each, plus one line in `withActivation`.
protocol Activation {
    /// The name in architectures; PyTorch's class name where there is one.
    static var name: StaticString { get }

    /// What ``derivative(_:)`` is computed from: the function's input if true, its output if false.
    ///
    /// The output is preferred, as the input's buffer can then be overwritten.
    static var derivativeReadsInput: Bool { get }

    static func value(_ x: Vector) -> Vector

    /// f′(x), from x or from f(x) as ``derivativeReadsInput`` says.
    static func derivative(_ saved: Vector) -> Vector

    /// Whether ``value(_:)`` is so few operations that it is compiled into the tiles of products.
    static var isLight: Bool { get }

    /// Whether f′ is 1 where the output is not zero, and 0 where it is: then there is nothing to multiply by, and
    /// what dropout has set to zero needs no mask. Such a function is also what ``KernelSet/makesZeros(_:)`` means.
    static var isStep: Bool { get }
}

extension Activation {
    static var isLight: Bool {
        @inline(__always) get { false }
    }

    static var isStep: Bool {
        @inline(__always) get { false }
    }
}

/// Something to be done with one activation, whichever it is.
protocol ActivationUser {
    associatedtype Result
    func use<A: Activation>(_: A.Type) -> Result
}

/// Hands activation number `index` to `user`; nil beyond the last. A new activation is a line here.
@inline(__always)
func withActivation<User: ActivationUser>(_ index: Int, _ user: User) -> User.Result? {
    switch index {
    case 0: user.use(ReLU.self)
    case 1: user.use(LeakyReLU.self)
    case 2: user.use(Tanh.self)
    case 3: user.use(Sigmoid.self)
    case 4: user.use(ELU.self)
    case 5: user.use(GELU.self)
    case 6: user.use(SiLU.self)
    case 7: user.use(Identity.self)
    default: nil
    }
}

struct NameOfActivation: ActivationUser {
    func use<A: Activation>(_: A.Type) -> StaticString { A.name }
}

struct IsStep: ActivationUser {
    func use<A: Activation>(_: A.Type) -> Bool { A.isStep }
}

struct DerivativeReadsInput: ActivationUser {
    func use<A: Activation>(_: A.Type) -> Bool { A.derivativeReadsInput }
}
