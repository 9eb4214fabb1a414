/// x · sigmoid(x), also known as swish (Elfwing, Uchibe, Doya 2018; Ramachandran, Zoph, Le 2017).
enum SiLU: ActivationFunction {
    static let name = "SiLU"
    static let derivativeReadsInput = true

    @inline(__always)
    static func value(_ x: Kernels.Vector) -> Kernels.Vector {
        x * Kernels.sigmoid(x)
    }

    @inline(__always)
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector {
        let s = Kernels.sigmoid(saved)
        return s * (1 + saved * (1 - s))
    }
}
