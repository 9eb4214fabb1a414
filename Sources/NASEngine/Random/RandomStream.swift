#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A reproducible stream of random numbers, and the parent of further streams.
///
/// A stream is its key and its position: both can be saved and restored. Streams that are derived
/// from one parent by different names or indices are independent, so nothing that one part of a
/// search draws depends on how much another part has drawn.
public struct RandomStream: RandomNumberGenerator, Sendable, Hashable {
    let key: SIMD4<UInt32>
    private(set) var position: UInt64 = 0

    /// The root stream of `seed`; every 64-bit value is a valid seed, 0 as well.
    public init(seed: UInt64) {
        key = Self.block(
            key: [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), 0, 0],
            counter: [0, 0, 0, 0])
    }

    private init(key: SIMD4<UInt32>, position: UInt64 = 0) {
        self.key = key
        self.position = position
    }

    /// The random block at position `counter` of the stream `key`.
    private static func block(key: SIMD4<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        InstructionSet.current.kernels.randomBlock(key: key, counter: counter)
    }

    /// The stream named `name` (and numbered `index`) below this one; the position does not matter.
    public func derived(_ name: String, _ index: UInt64 = 0) -> RandomStream {
        // FNV-1a over the name; the last counter word keeps children apart from drawn numbers.
        let hash = name.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return RandomStream(
            key: Self.block(
                key: key,
                counter: [
                    UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
                    hash, .max,
                ]))
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        let block = Self.block(
            key: key,
            counter: [
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
                0, 0,
            ])
        position &+= 1
        return UInt64(block.x) << 32 | UInt64(block.y)
    }

    /// A real number in [0, 1), a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// An integer in `0..<bound`; `bound` must be positive.
    public mutating func index(below bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }

    /// `count` different integers of `0..<bound`, in random order.
    public mutating func sample(of bound: Int, count: Int) -> [Int] {
        var pool = Array(0..<bound)
        for position in 0..<min(count, bound) {
            pool.swapAt(position, position + index(below: bound - position))
        }
        return Array(pool.prefix(count))
    }

    /// Numbers ≥ 0 whose sum is 1, evenly distributed over all such.
    public mutating func simplex(_ count: Int) -> [Double] {
        let drawn = (0..<count).map { _ in -log(1 - uniform()) }
        let sum = drawn.reduce(0, +)
        return sum > 0 ? drawn.map { $0 / sum } : drawn.map { _ in 1 / Double(count) }
    }

    /// A standard normal number (Box and Muller 1958, the cosine branch).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// An index drawn with probability proportional to its weight; weights are ≥ 0 with a positive sum.
    public mutating func categorical(_ weights: [Double]) -> Int {
        var rest = uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }
}
