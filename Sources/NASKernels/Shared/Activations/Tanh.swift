/// The hyperbolic tangent.
enum Tanh: Activation {
    static var name: StaticString { "Tanh" }
    static var derivativeReadsInput: Bool { false }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        tanh(x)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        1 - saved * saved
    }
}
