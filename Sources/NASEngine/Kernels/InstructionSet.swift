import CMachine
import NASKernelInterface
import NASKernelsAVX2
import NASKernelsAVX512
import NASKernelsBaseline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The kernels compiled for one instruction set.
struct InstructionSet: Sendable {
    let name: String
    let kernels: any KernelSet.Type

    /// Those that this machine can run, the best first.
    static let available: [InstructionSet] = {
        var sets: [InstructionSet] = []
        if nas_machine_has_avx512() != 0 {
            sets.append(InstructionSet(name: "avx512", kernels: NASKernelsAVX512.Kernels.self))
        }
        if nas_machine_has_avx2() != 0 {
            sets.append(InstructionSet(name: "avx2", kernels: NASKernelsAVX2.Kernels.self))
        }
        sets.append(InstructionSet(name: "baseline", kernels: NASKernelsBaseline.Kernels.self))
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
