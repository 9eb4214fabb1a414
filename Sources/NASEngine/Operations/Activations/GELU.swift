/// x · Φ(x) with the normal distribution function by erf, PyTorch's default form (Hendrycks, Gimpel 2016).
enum GELU: ActivationFunction {
    static let name = "GELU"
    static let derivativeReadsInput = true

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        x * distribution(x)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        let density = Kernels.exp(saved * saved * -0.5) * 0.398_942_28  // 1 / √2π
        return distribution(saved) + saved * density
    }

    @inline(__always)
    private static func distribution(_ x: Kernels.Vector) -> Kernels.Vector {
        0.5 * (1 + Kernels.erf(x * 0.707_106_78))  // x / √2
    }
}
