// The files of this folder are compiled once per instruction set: the targets NASKernelsBaseline,
// NASKernelsAVX2 and NASKernelsAVX512 hold links to them and differ in their compiler flags only.
//
// Only pointers, numbers and SIMD types appear here, no arrays, closures or optionals of the standard
// library beyond what is compiled away: library code that is specialised in several targets becomes one
// symbol of which the linker keeps any, possibly one that this processor cannot run.

import NASIntrinsics

#if NAS_FMA
    /// A whole panel row: two AVX registers, or one of AVX-512.
    typealias Vector = SIMD16<Float>
#else
    /// Half a panel row: two SSE or NEON registers, so that six rows of accumulators fit.
    typealias Vector = SIMD8<Float>
#endif

/// The same lanes as 32-bit integers.
typealias Words = Vector.MaskStorage
/// All bits of a lane are set where something is true, none elsewhere.
typealias Mask = Words

/// Columns of a panel.
let panelWidth = 16

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).load(as: Vector.self)
}

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).load(as: Vector.self)
}

@inline(__always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
}

// The standard library's operators once more: why, says `intrinsics.h`.

@inline(__always)
func + (_ a: Vector, _ b: Vector) -> Vector {
    #if NAS_FMA
        nas_add16(a, b)
    #else
        nas_add8(a, b)
    #endif
}

@inline(__always)
func - (_ a: Vector, _ b: Vector) -> Vector {
    #if NAS_FMA
        nas_subtract16(a, b)
    #else
        nas_subtract8(a, b)
    #endif
}

@inline(__always)
func * (_ a: Vector, _ b: Vector) -> Vector {
    #if NAS_FMA
        nas_multiply16(a, b)
    #else
        nas_multiply8(a, b)
    #endif
}

@inline(__always)
func / (_ a: Vector, _ b: Vector) -> Vector {
    #if NAS_FMA
        nas_divide16(a, b)
    #else
        nas_divide8(a, b)
    #endif
}

@inline(__always)
func + (_ a: Vector, _ b: Float) -> Vector { a + Vector(repeating: b) }

@inline(__always)
func - (_ a: Vector, _ b: Float) -> Vector { a - Vector(repeating: b) }

@inline(__always)
func - (_ a: Float, _ b: Vector) -> Vector { Vector(repeating: a) - b }

@inline(__always)
func * (_ a: Vector, _ b: Float) -> Vector { a * Vector(repeating: b) }

@inline(__always)
func / (_ a: Float, _ b: Vector) -> Vector { Vector(repeating: a) / b }

@inline(__always)
func += (_ a: inout Vector, _ b: Vector) { a = a + b }

@inline(__always)
func *= (_ a: inout Vector, _ b: Vector) { a = a * b }

/// a·b + c, fused where that is one instruction.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
    #if NAS_FMA
        nas_multiply_add16(a, b, c)
    #elseif arch(arm64)
        nas_multiply_add8(a, b, c)
    #else
        // Without the instruction a fused multiply-add is a library call per lane.
        a * b + c
    #endif
}

@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Float, _ c: Vector) -> Vector {
    multiplyAdd(a, Vector(repeating: b), c)
}

@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Float) -> Vector {
    multiplyAdd(a, b, Vector(repeating: c))
}

/// The lanes of a vector that starts at column `column` of a row whose mask bits are set.
@inline(__always)
func lanes(of bits: UInt16, column: Int) -> Mask {
    let shifted = Words(repeating: Int32(bits &>> UInt16(truncatingIfNeeded: column)))
    #if NAS_FMA
        let place = Words(
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
        return nas_common_bits16(shifted, place)
    #else
        return nas_common_bits8(shifted, Words(1, 2, 4, 8, 16, 32, 64, 128))
    #endif
}

/// a > b; false for NaN.
@inline(__always)
func isGreater(_ a: Vector, _ b: Vector) -> Mask {
    #if NAS_FMA
        nas_greater16(a, b)
    #else
        nas_greater8(a, b)
    #endif
}

/// x ≠ 0; true for NaN.
@inline(__always)
func isNonzero(_ x: Vector) -> Mask {
    #if NAS_FMA
        nas_unequal16(x, Vector())
    #else
        nas_unequal8(x, Vector())
    #endif
}

/// The lanes of a where `mask` is set, those of b elsewhere.
@inline(__always)
func select(_ mask: Mask, _ a: Vector, _ b: Vector) -> Vector {
    #if NAS_FMA
        nas_select16(mask, a, b)
    #else
        nas_select8(mask, a, b)
    #endif
}

/// The sum of all lanes, added in a fixed order.
@inline(__always)
func sum(_ vector: SIMD16<Float>) -> Float { sum(vector.lowHalf + vector.highHalf) }

@inline(__always)
func sum(_ vector: SIMD8<Float>) -> Float {
    let four = vector.lowHalf + vector.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}
