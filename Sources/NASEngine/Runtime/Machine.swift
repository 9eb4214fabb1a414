#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What this process may use of the machine.
public enum Machine {
    /// Cores that this process may run on: its affinity mask, limited by the control group's quota.
    public static var threadCount: Int {
        var count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let allowed = text(of: "/proc/self/status").split(separator: "\n")
            .first { $0.hasPrefix("Cpus_allowed:") }
        if let mask = allowed?.split(separator: "\t").last {
            count = mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        }
        let quota = text(of: "/sys/fs/cgroup/cpu.max").split { $0.isWhitespace }.map { Int($0) }
        if quota.count == 2, let time = quota[0], let period = quota[1], period > 0 {
            count = min(count, (time + period - 1) / period)
        }
        return max(1, count)
    }

    /// Bytes of memory that this process may use: the machine's, limited by the control group. Read once.
    public static let memory: Int = {
        let physical = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let limit = text(of: "/sys/fs/cgroup/memory.max").split { $0.isWhitespace }.first
        return min(physical, limit.flatMap { Int($0) } ?? physical)
    }()

    /// Throws ``EngineError/outOfMemory(_:)`` if `bytes` are more than this process may use.
    static func checkMemory(_ bytes: Int) throws(EngineError) {
        let available = memory
        guard bytes <= available else {
            throw .outOfMemory("\(gibibytes(bytes)) needed, \(gibibytes(available)) on this machine")
        }
    }

    /// The instruction set of the products in use: `avx512`, `avx2` or `baseline`.
    public static var instructionSet: String { InstructionSet.current.name }

    static func gibibytes(_ bytes: Int) -> String {
        let tenths = Int((Double(bytes) / Double(1 << 30) * 10).rounded(.up))
        return "\(tenths / 10).\(tenths % 10) GiB"
    }

    /// The start of a small text file; empty if it cannot be read.
    private static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let length = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<length], as: UTF8.self)
    }
}
