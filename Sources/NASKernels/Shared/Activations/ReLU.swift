/// max(0, x).
enum ReLU: Activation {
    static var name: StaticString { "ReLU" }
    static var derivativeReadsInput: Bool { false }
    static var isStep: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        x.replacing(with: 0, where: x .< 0)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        Vector(repeating: 0).replacing(with: 1, where: saved .> 0)
    }
}
