#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One zeroed, 64-byte aligned block of floats, owned until the last reference goes.
///
/// Pointers taken from an arena are valid exactly as long as the arena: whoever hands them on must
/// keep it alive.
final class Arena {
    static let alignment = 64

    let base: UnsafeMutablePointer<Float>
    let count: Int

    /// Throws ``EngineError/outOfMemory(_:)`` if the machine cannot give that much.
    init(floats count: Int) throws(EngineError) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        try Machine.checkMemory(bytes)
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, Self.alignment, bytes) == 0, let memory else {
            throw .outOfMemory("could not allocate \(bytes) bytes")
        }
        memset(memory, 0, bytes)
        base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
    }

    deinit { free(base) }

    /// `count` rounded up so that what follows it stays aligned.
    static func aligned(_ count: Int) -> Int {
        let unit = alignment / MemoryLayout<Float>.stride
        return (count + unit - 1) / unit * unit
    }
}
