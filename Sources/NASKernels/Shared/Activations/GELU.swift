/// x · Φ(x) with the normal distribution function by erf, PyTorch's default form (Hendrycks, Gimpel 2016).
enum GELU: Activation {
    static var name: StaticString { "GELU" }
    static var derivativeReadsInput: Bool { true }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        x * distribution(x)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        let density = exp(saved * saved * -0.5) * 0.398_942_28  // 1 / √2π
        return distribution(saved) + saved * density
    }

    @inline(__always)
    private static func distribution(_ x: Vector) -> Vector {
        0.5 * (1 + erf(x * 0.707_106_78))  // x / √2
    }
}
