/// 1 / (1 + e⁻ˣ).
enum Sigmoid: Activation {
    static var name: StaticString { "Sigmoid" }
    static var derivativeReadsInput: Bool { false }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        sigmoid(x)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        saved * (1 - saved)
    }
}
