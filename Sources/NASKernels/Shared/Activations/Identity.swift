/// x itself.
enum Identity: Activation {
    static var name: StaticString { "Identity" }
    static var derivativeReadsInput: Bool { false }
    static var isLight: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        x
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        Vector(repeating: 1)
    }
}
