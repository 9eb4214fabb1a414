import CMachine
import NASKernelsAVX2
import NASKernelsAVX512
import NASKernelsBaseline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The products compiled for one instruction set: the narrow door between the engine and its kernels.
struct InstructionSet: Sendable {
    typealias Multiply =
        @Sendable (
            UnsafePointer<Float>, Int, Int, Int, UnsafePointer<Float>, UnsafePointer<Float>?,
            UnsafeMutablePointer<Float>, Int, Int, Bool
        ) -> Void
    typealias WeightGradient =
        @Sendable (
            UnsafePointer<Float>, Int, Int, Int, UnsafePointer<Float>, Int, Int,
            UnsafeMutablePointer<Float>
        ) -> Void

    let name: String
    let multiply: Multiply
    let accumulateWeightGradient: WeightGradient

    /// Those that this machine can run, the best first.
    static let available: [InstructionSet] = {
        var sets: [InstructionSet] = []
        if nas_machine_has_avx512() != 0 {
            sets.append(
                InstructionSet(
                    name: "avx512", multiply: NASKernelsAVX512.Products.multiply,
                    accumulateWeightGradient: NASKernelsAVX512.Products.accumulateWeightGradient))
        }
        if nas_machine_has_avx2() != 0 {
            sets.append(
                InstructionSet(
                    name: "avx2", multiply: NASKernelsAVX2.Products.multiply,
                    accumulateWeightGradient: NASKernelsAVX2.Products.accumulateWeightGradient))
        }
        sets.append(
            InstructionSet(
                name: "baseline", multiply: NASKernelsBaseline.Products.multiply,
                accumulateWeightGradient: NASKernelsBaseline.Products.accumulateWeightGradient))
        return sets
    }()

    /// The variable that asks for one of them by name; an unknown name is ignored.
    static let variable = "SWIFTNAS_INSTRUCTION_SET"

    /// The one in use, chosen once per process.
    static let current: InstructionSet = {
        let wanted = getenv(variable).map { String(cString: $0) }
        return available.first { $0.name == wanted } ?? available[0]
    }()
}
