/// Threefry-4×32 with 12 rounds: a block cipher stripped down to a counter-based generator.
///
/// Four 32-bit words of key and four of counter give four random words, so any position of a stream
/// can be computed on its own, by any thread, in any order. Only additions, rotations and exclusive
/// ors are used, hence the same bits on every machine and one block per lane in SIMD code.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// section 4.2; 12 rounds pass BigCrush (table 2 there).
struct Threefry {
    typealias Lanes = SIMD16<UInt32>

    /// The four words of each lane's block.
    private(set) var words: (Lanes, Lanes, Lanes, Lanes)

    /// The blocks at the counters (first + lane, second, third, fourth).
    @inline(__always)
    init(key: SIMD4<UInt32>, first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32) {
        let lanes = Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        let parity = 0x1BD1_1BDA ^ key.x ^ key.y ^ key.z ^ key.w
        words = (
            lanes &+ Lanes(repeating: first &+ key.x), Lanes(repeating: second &+ key.y),
            Lanes(repeating: third &+ key.z), Lanes(repeating: fourth &+ key.w)
        )
        fourRounds(10, 26, 11, 21, 13, 27, 23, 5)
        inject(key.y, key.z, key.w, parity &+ 1)
        fourRounds(6, 20, 17, 11, 25, 10, 18, 20)
        inject(key.z, key.w, parity, key.x &+ 2)
        fourRounds(10, 26, 11, 21, 13, 27, 23, 5)
        inject(key.w, parity, key.x, key.y &+ 3)
    }

    @inline(__always)
    private mutating func fourRounds(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
        _ h: UInt32
    ) {
        mix(&words.0, &words.1, a)
        mix(&words.2, &words.3, b)
        mix(&words.0, &words.3, c)
        mix(&words.2, &words.1, d)
        mix(&words.0, &words.1, e)
        mix(&words.2, &words.3, f)
        mix(&words.0, &words.3, g)
        mix(&words.2, &words.1, h)
    }

    @inline(__always)
    private func mix(_ a: inout Lanes, _ b: inout Lanes, _ rotation: UInt32) {
        a &+= b
        b = (b &<< Lanes(repeating: rotation)) | (b &>> Lanes(repeating: 32 &- rotation))
        b ^= a
    }

    @inline(__always)
    private mutating func inject(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
        words.0 &+= Lanes(repeating: a)
        words.1 &+= Lanes(repeating: b)
        words.2 &+= Lanes(repeating: c)
        words.3 &+= Lanes(repeating: d)
    }
}
