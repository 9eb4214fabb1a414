extension Kernels {
    /// eˣ, relative error at most 2e-7 for −87 ≤ x ≤ 88; clamped beyond, NaN stays NaN.
    ///
    /// Range reduction to ±ln 2 / 2, a degree-6 polynomial fitted for the smallest relative error
    /// (1.9e-9 before rounding), and the power of two put together from its bits.
    @inline(__always)
    static func exp(_ x: Vector) -> Vector {
        let x = clamp(x, -87, 88)
        // Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
        let shifted = x * 1.442_695_04 + 12_582_912
        let n = shifted - 12_582_912
        let r = x - n * 0.693_359_375 + n * 2.121_944_4e-4
        var p = r * 0.001_383_684_2 + 0.008_374_816
        p = p * r + 0.041_668_225
        p = p * r + 0.166_664_2
        p = p * r + 0.499_999_91
        p = p * r + 1
        p = p * r + 1
        let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &+ SIMD8(repeating: 127)
        return p * unsafeBitCast(exponent &<< SIMD8(repeating: 23), to: Vector.self)
    }

    /// tanh x, relative error at most 4e-7, NaN stays NaN.
    ///
    /// The rational approximation of degree 13 over 6, clamped where tanh rounds to ±1 (coefficients
    /// as published in the Eigen library, `generic_fast_tanh_float`).
    @inline(__always)
    static func tanh(_ x: Vector) -> Vector {
        let x = clamp(x, -7.905_311, 7.905_311)
        let s = x * x
        var p = s * -2.760_768_48e-16 + 2.000_187_9e-13
        p = p * s - 8.604_671_52e-11
        p = p * s + 5.122_297_1e-8
        p = p * s + 1.485_722_36e-5
        p = p * s + 6.372_619_29e-4
        p = p * s + 4.893_524_56e-3
        var q = s * 1.198_258_39e-6 + 1.185_347_06e-4
        q = q * s + 2.268_434_63e-3
        q = q * s + 4.893_525_19e-3
        return x * (p / q)
    }

    /// eˣ − 1 for x ≤ 0 without cancellation near zero, by tanh: 2t / (1 − t) with t = tanh(x / 2).
    @inline(__always)
    static func expMinusOne(_ x: Vector) -> Vector {
        let t = tanh(x * 0.5)
        return (t + t) / (1 - t)
    }

    /// 1 / (1 + e⁻ˣ), NaN stays NaN.
    @inline(__always)
    static func sigmoid(_ x: Vector) -> Vector { 1 / (1 + exp(0 - x)) }

    /// erf x, absolute error at most 2e-7, NaN stays NaN.
    ///
    /// x·P(x²) up to 1 and 1 − exp(−x·Q(x)) up to 4, both polynomials of degree 6 fitted for the
    /// smallest relative error; ±1 beyond.
    @inline(__always)
    static func erf(_ x: Vector) -> Vector {
        let s = x * x
        var small = s * 7.853_858e-5 - 8.010_193e-4
        small = small * s + 5.188_327_7e-3
        small = small * s - 0.026_853_811
        small = small * s + 0.112_835_854
        small = small * s - 0.376_126_26
        small = small * s + 1.128_379_1
        small *= x

        let negative = x .< 0
        let a = clamp(x.replacing(with: 0 - x, where: negative), 0, 4)
        var q = a * 1.413_383_87e-5 - 3.523_321_6e-4
        q = q * a + 3.764_660_3e-3
        q = q * a - 0.024_025_509
        q = q * a + 0.106_549_107
        q = q * a + 0.634_958_33
        q = q * a + 1.128_697_16
        let large = 1 - exp(0 - a * q)
        let signed = large.replacing(with: 0 - large, where: negative)
        return small.replacing(with: signed, where: a .> 1)
    }

    /// x limited to [low, high]; NaN stays NaN.
    @inline(__always)
    static func clamp(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
        let raised = x.replacing(with: low, where: x .< Vector(repeating: low))
        return raised.replacing(with: high, where: raised .> Vector(repeating: high))
    }
}
