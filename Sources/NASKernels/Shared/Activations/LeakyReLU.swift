/// x where positive, x / 100 elsewhere: PyTorch's default slope.
enum LeakyReLU: Activation {
    static var name: StaticString { "LeakyReLU" }
    static var derivativeReadsInput: Bool { false }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        (x * 0.01).replacing(with: x, where: x .> 0)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        Vector(repeating: 0.01).replacing(with: 1, where: saved .> 0)
    }
}
