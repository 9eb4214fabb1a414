#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// PyTorch's CPU generator: MT19937, seeded and consumed as `torch` does, for bit-exact replay.
///
/// Sources: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998), with the 2002
/// initialisation `init_genrand`; how many words `nn.Linear` and `dropout` take from it, and in which
/// order, was measured on torch 2.13 (CPU build).
public struct TorchGenerator: Sendable {
    private static let size = 624
    private static let middle = 397

    private var words: [UInt32]
    private var cursor = size

    /// The generator after `torch.manual_seed(seed)`, which uses the low 32 bits of the seed.
    public init(seed: UInt64) {
        words = [UInt32(truncatingIfNeeded: seed)]
        words.reserveCapacity(Self.size)
        for index in 1..<UInt32(Self.size) {
            let last = words[words.count - 1]
            words.append(1_812_433_253 &* (last ^ (last >> 30)) &+ index)
        }
    }

    /// The next 32 random bits.
    public mutating func next32() -> UInt32 {
        if cursor == Self.size { refill() }
        var word = words[cursor]
        cursor += 1
        word ^= word >> 11
        word ^= (word << 7) & 0x9D2C_5680
        word ^= (word << 15) & 0xEFC6_0000
        return word ^ (word >> 18)
    }

    /// The next 64 random bits, the high word first.
    public mutating func next64() -> UInt64 {
        let high = next32()
        return UInt64(high) << 32 | UInt64(next32())
    }

    /// A float32 in [low, high), as `tensor.uniform_(low, high)` draws it.
    ///
    /// Rounded once, as by the fused multiply-add in torch's build: the float64 product is exact.
    public mutating func uniform(_ low: Float, _ high: Float) -> Float {
        Float(Double(next32() & 0xFF_FFFF) * 0x1p-24 * Double(high - low) + Double(low))
    }

    /// Whether an element is kept, as `F.dropout` decides it with keep probability `keep`.
    public mutating func bernoulli(_ keep: Double) -> Bool {
        Double(next64() & (1 << 53 - 1)) * 0x1p-53 < keep
    }

    /// Fills `values` as `torch.randn` does, except for the last bits of its logarithm and sines.
    ///
    /// From 16 elements on, torch draws float32 uniforms in blocks of 16, the first eight for the radii
    /// and the last eight for the angles, and draws the last 16 anew if the count is not a multiple;
    /// below it draws float64 pairs, angle first, and keeps the sine for the next element.
    public mutating func fillNormal(_ values: UnsafeMutablePointer<Float>, count: Int) {
        guard count >= 16 else { return fillNormalPairs(values, count: count) }
        for index in 0..<count { values[index] = uniform(0, 1) }
        for start in stride(from: 0, to: count - 15, by: 16) { Self.boxMuller(values + start) }
        guard count % 16 != 0 else { return }
        let last = values + (count - 16)
        for index in 0..<16 { last[index] = uniform(0, 1) }
        Self.boxMuller(last)
    }

    private mutating func fillNormalPairs(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in stride(from: 0, to: count, by: 2) {
            let angle = 2 * Double.pi * Double(next64() & (1 << 53 - 1)) * 0x1p-53
            let radius = (-2 * log1p(-Double(next64() & (1 << 53 - 1)) * 0x1p-53)).squareRoot()
            values[index] = Float(radius * cos(angle))
            if index + 1 < count { values[index + 1] = Float(radius * sin(angle)) }
        }
    }

    private static func boxMuller(_ block: UnsafeMutablePointer<Float>) {
        for index in 0..<8 {
            let radius = (-2 * logf(1 - block[index])).squareRoot()
            let angle = 2 * Float.pi * block[index + 8]
            block[index] = radius * cosf(angle)
            block[index + 8] = radius * sinf(angle)
        }
    }

    private mutating func refill() {
        func twist(_ upper: UInt32, _ lower: UInt32) -> UInt32 {
            let mixed = (upper & 0x8000_0000) | (lower & 0x7FFF_FFFF)
            return (mixed >> 1) ^ (lower & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        words.withUnsafeMutableBufferPointer { words in
            for index in 0..<Self.size {
                let next = words[(index + 1) % Self.size]
                words[index] = words[(index + Self.middle) % Self.size] ^ twist(words[index], next)
            }
        }
        cursor = 0
    }
}
