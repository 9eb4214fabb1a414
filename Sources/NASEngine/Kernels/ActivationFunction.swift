/// An element-wise function with its derivative: one file each, plus one line in ``ActivationRegistry``.
protocol ActivationFunction: Sendable {
    /// The name in architectures; PyTorch's class name where there is one.
    static var name: String { get }

    /// What ``derivative(_:)`` is computed from: the function's input if true, its output if false.
    ///
    /// The output is preferred, as the input's buffer can then be overwritten.
    static var derivativeReadsInput: Bool { get }

    static func value(_ x: Kernels.Vector) -> Kernels.Vector

    /// f′(x), from x or from f(x) as ``derivativeReadsInput`` says.
    static func derivative(_ saved: Kernels.Vector) -> Kernels.Vector

    /// The two passes over a buffer, as requirements so that each function gets its own loops.
    static func forward(_ pass: ActivationPass)
    static func backward(_ pass: ActivationPass, gradient: UnsafePointer<Float>)
}

/// One pass of an activation, with the dropout behind it, over `count` rows of 16 columns.
struct ActivationPass {
    /// The function's input, `count` × 16.
    let input: UnsafeMutablePointer<Float>
    /// The output after dropout; may be `input` where the derivative does not read the input.
    let output: UnsafeMutablePointer<Float>
    let count: Int
    /// One bit per element of a row, 1 where kept; nil without dropout.
    let mask: UnsafePointer<UInt16>?
    /// 1 / (1 − dropout rate).
    let scale: Float
    /// Where the backward pass writes the gradient of the input; may be the gradient it reads.
    let inputGradient: UnsafeMutablePointer<Float>
    /// Whether the backward pass adds to what is there.
    let accumulate: Bool
}

extension ActivationFunction {
    static func forward(_ pass: ActivationPass) {
        let halves = Kernels.panelWidth / Kernels.Vector.scalarCount
        for row in 0..<pass.count {
            for half in 0..<halves {
                let offset = row * Kernels.panelWidth + half * Kernels.Vector.scalarCount
                var y = value(Kernels.load(pass.input + offset))
                if let mask = pass.mask {
                    let kept = Kernels.lanes(of: mask[row], half: half)
                    y = (y * pass.scale).replacing(with: 0, where: .!kept)
                }
                Kernels.store(y, pass.output + offset)
            }
        }
    }

    static func backward(_ pass: ActivationPass, gradient: UnsafePointer<Float>) {
        let halves = Kernels.panelWidth / Kernels.Vector.scalarCount
        let saved = UnsafePointer(derivativeReadsInput ? pass.input : pass.output)
        // A kept output was scaled by dropout: this takes it back.
        let unscale = pass.mask == nil || derivativeReadsInput ? 1 : 1 / pass.scale
        for row in 0..<pass.count {
            for half in 0..<halves {
                let offset = row * Kernels.panelWidth + half * Kernels.Vector.scalarCount
                var dx =
                    Kernels.load(gradient + offset)
                    * derivative(Kernels.load(saved + offset) * unscale)
                if let mask = pass.mask {
                    let kept = Kernels.lanes(of: mask[row], half: half)
                    dx = (dx * pass.scale).replacing(with: 0, where: .!kept)
                }
                if pass.accumulate { dx += Kernels.load(pass.inputGradient + offset) }
                Kernels.store(dx, pass.inputGradient + offset)
            }
        }
    }
}

extension Kernels {
    /// The lanes of half a row whose mask bits are set.
    @inline(__always)
    static func lanes(of bits: UInt16, half: Int) -> SIMDMask<SIMD8<Int32>> {
        let shifted = SIMD8<Int32>(repeating: Int32(bits >> UInt16(8 * half)))
        let place: SIMD8<Int32> = [1, 2, 4, 8, 16, 32, 64, 128]
        return (shifted & place) .!= SIMD8(repeating: 0)
    }
}
