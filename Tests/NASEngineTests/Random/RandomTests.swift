import Testing

@testable import NASEngine

/// Threefry-4×32 as the paper's figure states it, one word at a time, for any number of rounds.
private func reference(
    key: [UInt32], counter: [UInt32], rounds: Int
) -> [UInt32] {
    let rotations: [(UInt32, UInt32)] = [
        (10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20),
    ]
    let schedule = key + [key.reduce(0x1BD1_1BDA, ^)]
    var x = zip(counter, key).map { $0 &+ $1 }
    for round in 0..<rounds {
        let (first, second) = rotations[round % 8]
        func mix(_ a: Int, _ b: Int, _ r: UInt32) {
            x[a] &+= x[b]
            x[b] = ((x[b] << r) | (x[b] >> (32 - r))) ^ x[a]
        }
        mix(0, round % 2 == 0 ? 1 : 3, first)
        mix(2, round % 2 == 0 ? 3 : 1, second)
        if round % 4 == 3 {
            let number = round / 4 + 1
            for word in 0..<4 { x[word] &+= schedule[(number + word) % 5] }
            x[3] &+= UInt32(number)
        }
    }
    return x
}

@Suite struct ThreefryTests {
    /// Known answers of the authors' Random123 distribution (`kat_vectors`, threefry4x32 20).
    @Test func referenceHasThePublishedAnswers() {
        let zero = [UInt32](repeating: 0, count: 4)
        #expect(
            reference(key: zero, counter: zero, rounds: 20)
                == [0x9C6C_A96A, 0xE17E_AE66, 0xFC10_ECD4, 0x5256_A7D8])
    }

    @Test func engineEqualsTheReference() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let key = (0..<4).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
            let counter = (0..<4).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
            let block = InstructionSet.current.kernels.randomBlock(
                key: [key[0], key[1], key[2], key[3]],
                counter: [counter[0], counter[1], counter[2], counter[3]])
            let expected = reference(key: key, counter: counter, rounds: 12)
            #expect((0..<4).map { block[$0] } == expected)
        }
    }
}

@Suite struct RandomStreamTests {
    @Test func everySeedIsItsOwn() {
        let firsts = (0..<1000).map { seed in
            var stream = RandomStream(seed: UInt64(seed))
            return stream.next()
        }
        #expect(Set(firsts).count == 1000)
    }

    @Test func derivedStreamsDependOnNameAndIndexOnly() {
        var parent = RandomStream(seed: 7)
        let before = parent.derived("a", 1)
        _ = parent.next()
        #expect(parent.derived("a", 1) == before)
        #expect(parent.derived("a", 2) != before)
        #expect(parent.derived("b", 1) != before)
    }

    @Test func uniformAndNormalHaveTheirMoments() {
        var stream = RandomStream(seed: 3)
        let uniforms = (0..<20_000).map { _ in stream.uniform() }
        let normals = (0..<20_000).map { _ in stream.normal() }
        #expect(uniforms.allSatisfy { $0 >= 0 && $0 < 1 })
        // Five standard errors of the mean: 5 / √(12 · 20,000) and 5 / √20,000.
        #expect(abs(uniforms.reduce(0, +) / 20_000 - 0.5) < 0.0103)
        #expect(abs(normals.reduce(0, +) / 20_000) < 0.0354)
        #expect(abs(normals.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
    }

    @Test func categoricalFollowsTheWeights() {
        var stream = RandomStream(seed: 4)
        var counts = [0, 0, 0]
        for _ in 0..<10_000 { counts[stream.categorical([1, 0, 3])] += 1 }
        #expect(counts[1] == 0)
        #expect(abs(Double(counts[0]) / 10_000 - 0.25) < 0.022)
    }
}

@Suite struct TorchGeneratorTests {
    /// The first and the 10,000th output for the seed 5489, as the C++ standard ([rand.predef]) requires.
    @Test func mersenneTwisterHasTheStandardAnswers() {
        var generator = TorchGenerator(seed: 5489)
        #expect(generator.next32() == 3_499_211_612)
        for _ in 1..<9_999 { _ = generator.next32() }
        #expect(generator.next32() == 4_123_659_995)
    }

    @Test func seedsBeyond32BitsAreTruncated() {
        var low = TorchGenerator(seed: 9)
        var high = TorchGenerator(seed: 9 + 1 << 32)
        #expect(low.next64() == high.next64())
    }
}
