/// x where positive, eˣ − 1 elsewhere: α = 1 as in PyTorch (Clevert, Unterthiner, Hochreiter 2016).
enum ELU: Activation {
    static var name: StaticString { "ELU" }
    static var derivativeReadsInput: Bool { false }

    @inline(__always)
    static func value(_ x: Vector) -> Vector {
        let isPositive = isGreater(x, Vector())
        return select(isPositive, x, expMinusOne(select(isPositive, Vector(), x)))
    }

    @inline(__always)
    static func derivative(_ saved: Vector) -> Vector {
        select(isGreater(saved, Vector()), Vector(repeating: 1), saved + 1)
    }
}
