import NASKernelInterface

/// p·x + c: one step of Horner's rule.
@inline(__always)
private func horner(_ p: Vector, _ x: Vector, _ c: Float) -> Vector { multiplyAdd(p, x, c) }

/// eˣ, relative error at most 2e-7 for −87 ≤ x ≤ 88; clamped beyond, NaN stays NaN.
///
/// Range reduction to ±ln 2 / 2, a degree-6 polynomial fitted for the smallest relative error
/// (1.9e-9 before rounding), and the power of two put together from its bits.
@inline(__always)
func exp(_ x: Vector) -> Vector { expInRange(clamp(x, -87, 88)) }

@inline(__always)
private func expInRange(_ x: Vector) -> Vector {
    // Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
    let shifted = multiplyAdd(x, 1.442_695_04, Vector(repeating: 12_582_912))
    let n = shifted - 12_582_912
    var r = multiplyAdd(n, -0.693_359_375, x)
    r = multiplyAdd(n, 2.121_944_4e-4, r)
    var p = horner(Vector(repeating: 0.001_383_684_2), r, 0.008_374_816)
    p = horner(p, r, 0.041_668_225)
    p = horner(p, r, 0.166_664_2)
    p = horner(p, r, 0.499_999_91)
    p = horner(p, r, 1)
    p = horner(p, r, 1)
    let exponent = unsafeBitCast(shifted, to: Words.self) &+ Words(repeating: 127)
    return p * unsafeBitCast(exponent &<< Words(repeating: 23), to: Vector.self)
}

/// tanh x, relative error at most 4e-7, NaN stays NaN.
///
/// The rational approximation of degree 13 over 6, clamped where tanh rounds to ±1 (coefficients
/// as published in the Eigen library, `generic_fast_tanh_float`).
@inline(__always)
func tanh(_ x: Vector) -> Vector {
    let x = clamp(x, -7.905_311, 7.905_311)
    let s = x * x
    var p = horner(Vector(repeating: -2.760_768_48e-16), s, 2.000_187_9e-13)
    p = horner(p, s, -8.604_671_52e-11)
    p = horner(p, s, 5.122_297_1e-8)
    p = horner(p, s, 1.485_722_36e-5)
    p = horner(p, s, 6.372_619_29e-4)
    p = horner(p, s, 4.893_524_56e-3)
    var q = horner(Vector(repeating: 1.198_258_39e-6), s, 1.185_347_06e-4)
    q = horner(q, s, 2.268_434_63e-3)
    q = horner(q, s, 4.893_525_19e-3)
    return x * (p / q)
}

/// eˣ − 1 for x ≤ 0 without cancellation near zero, by tanh: 2t / (1 − t) with t = tanh(x / 2).
@inline(__always)
func expMinusOne(_ x: Vector) -> Vector {
    let t = tanh(x * 0.5)
    return (t + t) / (1 - t)
}

/// 1 / (1 + e⁻ˣ), NaN stays NaN.
@inline(__always)
func sigmoid(_ x: Vector) -> Vector { 1 / (1 + exp(0 - x)) }

/// erf x, absolute error at most 2e-7, NaN stays NaN.
///
/// x·P(x²) up to 1 and 1 − exp(−x·Q(x)) up to 4, both polynomials of degree 6 fitted for the
/// smallest relative error; ±1 beyond.
@inline(__always)
func erf(_ x: Vector) -> Vector {
    let s = x * x
    var small = horner(Vector(repeating: 7.853_858e-5), s, -8.010_193e-4)
    small = horner(small, s, 5.188_327_7e-3)
    small = horner(small, s, -0.026_853_811)
    small = horner(small, s, 0.112_835_854)
    small = horner(small, s, -0.376_126_26)
    small = horner(small, s, 1.128_379_1)
    small *= x

    // The function is odd: computed for |x|, with the sign bit of x put back.
    let bits = unsafeBitCast(x, to: Words.self)
    let magnitude = unsafeBitCast(bits & Words(repeating: .max), to: Vector.self)
    let a = select(isGreater(magnitude, Vector(repeating: 4)), Vector(repeating: 4), magnitude)
    var q = horner(Vector(repeating: 1.413_383_87e-5), a, -3.523_321_6e-4)
    q = horner(q, a, 3.764_660_3e-3)
    q = horner(q, a, -0.024_025_509)
    q = horner(q, a, 0.106_549_107)
    q = horner(q, a, 0.634_958_33)
    q = horner(q, a, 1.128_697_16)
    let large = unsafeBitCast(1 - expInRange(0 - a * q), to: Words.self)
    let signed = unsafeBitCast(large | (bits & Words(repeating: .min)), to: Vector.self)
    return select(isGreater(a, Vector(repeating: 1)), signed, small)
}

/// x limited to [low, high]; NaN stays NaN.
@inline(__always)
private func clamp(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
    let (low, high) = (Vector(repeating: low), Vector(repeating: high))
    let raised = select(isGreater(low, x), low, x)
    return select(isGreater(raised, high), high, raised)
}

func evaluateAll(
    _ function: MathFunction, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
) {
    var offset = 0
    while offset < count {
        let v = load(x + offset)
        let result =
            switch function {
            case .exp: exp(v)
            case .tanh: tanh(v)
            case .sigmoid: sigmoid(v)
            case .expMinusOne: expMinusOne(v)
            case .erf: erf(v)
            }
        store(result, y + offset)
        offset = offset &+ Vector.scalarCount
    }
}
