/// x · sigmoid(x), also known as swish (Elfwing, Uchibe, Doya 2018; Ramachandran, Zoph, Le 2017).
enum SiLU: Activation {
    static var name: StaticString { "SiLU" }
    static var derivativeReadsInput: Bool { true }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        x * sigmoid(x)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        let s = sigmoid(saved)
        return s * (1 + saved * (1 - s))
    }
}
