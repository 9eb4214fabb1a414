/// Threefry-4×32 with 12 rounds: a block cipher stripped down to a counter-based generator.
///
/// Four 32-bit words of key and four of counter give four random words, so any position of a stream
/// can be computed on its own, by any thread, in any order. Only additions, rotations and exclusive
/// ors are used, hence the same bits on every machine and one lane per element in SIMD code.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// section 4.2; 12 rounds pass BigCrush (table 2 there).
enum Threefry {
    typealias Block = SIMD4<UInt32>

    static let rounds = 12
    private static let parity: UInt32 = 0x1BD1_1BDA

    /// The random block at position `counter` of the stream `key`.
    static func block(key: Block, counter: Block) -> Block {
        var words = (
            SIMD2<UInt32>(repeating: counter.x), SIMD2<UInt32>(repeating: counter.y),
            SIMD2<UInt32>(repeating: counter.z), SIMD2<UInt32>(repeating: counter.w)
        )
        encrypt(&words, key: key)
        return Block(words.0.x, words.1.x, words.2.x, words.3.x)
    }

    /// Encrypts one counter per SIMD lane in place; `words.0` … `words.3` are its four words.
    @inline(__always)
    static func encrypt<Lanes: SIMD>(
        _ words: inout (Lanes, Lanes, Lanes, Lanes), key: Block
    ) where Lanes.Scalar == UInt32 {
        let schedule = (key.x, key.y, key.z, key.w, parity ^ key.x ^ key.y ^ key.z ^ key.w)
        words.0 &+= Lanes(repeating: schedule.0)
        words.1 &+= Lanes(repeating: schedule.1)
        words.2 &+= Lanes(repeating: schedule.2)
        words.3 &+= Lanes(repeating: schedule.3)

        mix(&words.0, &words.1, 10); mix(&words.2, &words.3, 26)
        mix(&words.0, &words.3, 11); mix(&words.2, &words.1, 21)
        mix(&words.0, &words.1, 13); mix(&words.2, &words.3, 27)
        mix(&words.0, &words.3, 23); mix(&words.2, &words.1, 5)
        inject(&words, (schedule.1, schedule.2, schedule.3, schedule.4), 1)

        mix(&words.0, &words.1, 6); mix(&words.2, &words.3, 20)
        mix(&words.0, &words.3, 17); mix(&words.2, &words.1, 11)
        mix(&words.0, &words.1, 25); mix(&words.2, &words.3, 10)
        mix(&words.0, &words.3, 18); mix(&words.2, &words.1, 20)
        inject(&words, (schedule.2, schedule.3, schedule.4, schedule.0), 2)

        mix(&words.0, &words.1, 10); mix(&words.2, &words.3, 26)
        mix(&words.0, &words.3, 11); mix(&words.2, &words.1, 21)
        mix(&words.0, &words.1, 13); mix(&words.2, &words.3, 27)
        mix(&words.0, &words.3, 23); mix(&words.2, &words.1, 5)
        inject(&words, (schedule.3, schedule.4, schedule.0, schedule.1), 3)
    }

    @inline(__always)
    private static func mix<Lanes: SIMD>(_ a: inout Lanes, _ b: inout Lanes, _ rotation: UInt32)
    where Lanes.Scalar == UInt32 {
        a &+= b
        b = (b &<< Lanes(repeating: rotation)) | (b &>> Lanes(repeating: 32 &- rotation))
        b ^= a
    }

    @inline(__always)
    private static func inject<Lanes: SIMD>(
        _ words: inout (Lanes, Lanes, Lanes, Lanes),
        _ subkey: (UInt32, UInt32, UInt32, UInt32), _ round: UInt32
    ) where Lanes.Scalar == UInt32 {
        words.0 &+= Lanes(repeating: subkey.0)
        words.1 &+= Lanes(repeating: subkey.1)
        words.2 &+= Lanes(repeating: subkey.2)
        words.3 &+= Lanes(repeating: subkey.3 &+ round)
    }
}
