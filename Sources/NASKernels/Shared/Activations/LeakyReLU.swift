/// x where positive, x / 100 elsewhere: PyTorch's default slope.
enum LeakyReLU: Activation {
    static var name: StaticString { "LeakyReLU" }
    static var derivativeReadsInput: Bool { false }
    static var isLight: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        select(isGreater(x, Vector()), x, x * 0.01)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        select(isGreater(saved, Vector()), Vector(repeating: 1), Vector(repeating: 0.01))
    }
}
