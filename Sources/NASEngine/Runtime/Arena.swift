#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One 64-byte aligned block of floats, owned until the last reference goes.
///
/// Pointers taken from an arena are valid exactly as long as the arena: whoever hands them on must
/// keep it alive.
final class Arena {
    static let alignment = 64

    let base: UnsafeMutablePointer<Float>
    private let block: MemoryPool.Block

    /// Throws ``EngineError/outOfMemory(_:)`` if the machine cannot give that much.
    /// - Parameter zeroed: floats from the start on that are zero; the others are arbitrary.
    init(floats count: Int, zeroed: Int) throws(EngineError) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        try Machine.checkMemory(bytes)
        guard let block = MemoryPool.take(bytes) else {
            throw .outOfMemory("could not allocate \(bytes) bytes")
        }
        self.block = block
        base = block.memory.bindMemory(to: Float.self, capacity: max(count, 1))
        base.update(repeating: 0, count: zeroed)
    }

    deinit { MemoryPool.give(block) }

    /// Bytes of memory that it keeps, at least those that it was asked for.
    var byteCount: Int { block.bytes }

    /// `count` rounded up so that what follows it stays aligned.
    static func aligned(_ count: Int) -> Int {
        let unit = alignment / MemoryLayout<Float>.stride
        return (count + unit - 1) / unit * unit
    }
}

/// Memory of arenas that are gone, for the next ones: fresh pages cost more than small trainings.
enum MemoryPool {
    struct Block: @unchecked Sendable {
        // Unchecked: a block belongs to one arena or to the pool, never to both.
        let memory: UnsafeMutableRawPointer
        let bytes: Int
    }

    /// What the pool keeps at most.
    static let limit = 64 << 20

    private static let blocks = TryLocked<[Block]>([])

    /// The smallest block that fits and is not far too big, or a new one.
    static func take(_ bytes: Int) -> Block? {
        let found = blocks.use { blocks -> Block? in
            var best: Int?
            for (index, block) in blocks.enumerated()
            where block.bytes >= bytes && block.bytes / 4 <= bytes {
                if best.map({ block.bytes < blocks[$0].bytes }) ?? true { best = index }
            }
            return best.map { blocks.remove(at: $0) }
        }
        if let block = found ?? nil { return block }
        var memory: UnsafeMutableRawPointer?
        let isLarge = bytes >= 2 * hugePage
        guard posix_memalign(&memory, isLarge ? hugePage : Arena.alignment, bytes) == 0, let memory
        else { return nil }
        #if os(Linux)
            // Fewer pages to look up, and to fault in; no matter if the system has none.
            if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
        #endif
        return Block(memory: memory, bytes: bytes)
    }

    private static let hugePage = 2 << 20

    static func give(_ block: Block) {
        let kept = blocks.use { blocks in
            guard blocks.reduce(block.bytes, { $0 + $1.bytes }) <= limit else { return false }
            blocks.append(block)
            return true
        }
        if kept != true { free(block.memory) }
    }
}
