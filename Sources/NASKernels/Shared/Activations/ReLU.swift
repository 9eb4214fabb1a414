/// max(0, x).
enum ReLU: Activation {
    static var name: StaticString { "ReLU" }
    static var derivativeReadsInput: Bool { false }
    static var isLight: Bool {
        @inline(__always) get { true }
    }
    static var isStep: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        select(isGreater(Vector(), x), Vector(), x)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        select(isGreater(saved, Vector()), Vector(repeating: 1), Vector())
    }
}
