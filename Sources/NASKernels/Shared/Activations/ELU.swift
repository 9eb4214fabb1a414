/// x where positive, eˣ − 1 elsewhere: α = 1 as in PyTorch (Clevert, Unterthiner, Hochreiter 2016).
enum ELU: Activation {
    static var name: StaticString { "ELU" }
    static var derivativeReadsInput: Bool { false }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        expMinusOne(x.replacing(with: 0, where: x .> 0)).replacing(with: x, where: x .> 0)
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        (saved + 1).replacing(with: 1, where: saved .> 0)
    }
}
