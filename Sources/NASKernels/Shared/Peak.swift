/// Independent multiply-adds on as many accumulators as a product's largest tile has: what the products
/// would reach if they never had to wait for memory.
func multiplyAddInRegisters(_ repetitions: Int) -> Int {
    #if NAS_AVX512
        typealias Accumulators = TwentyFourRows
    #else
        typealias Accumulators = SixRows
    #endif
    let rounds = 1024
    // Different beginnings, or the compiler would see that all accumulators are one.
    var memory = Memory()
    return withUnsafeMutableBytes(of: &memory) { bytes in
        guard let x = bytes.baseAddress?.assumingMemoryBound(to: Float.self) else { return 0 }
        var index = 0
        while index < Accumulators.rows {
            x[index] = Float(index &+ 1)
            index = index &+ 1
        }
        var v = load(x)
        var sums = Accumulators(Vector())
        sums.add(x, 1, v)
        var repetition = 0
        while repetition < repetitions {
            var round = 0
            while round < rounds {
                sums.add(x, 0, v)
                round = round &+ 1
            }
            v += 0.5
            repetition = repetition &+ 1
        }
        // The sums must be used, or nothing would be computed.
        sums.store(x, false)
        let operations = 2 &* Vector.scalarCount &* Accumulators.rows &* rounds &* repetitions
        return x[0].isNaN ? 0 : operations
    }
}

/// Room for the factors, and then for the accumulators.
private struct Memory {
    private typealias Rows = (Vector, Vector, Vector, Vector, Vector, Vector)
    private var rows: (Rows, Rows, Rows, Rows) = (
        (Vector(), Vector(), Vector(), Vector(), Vector(), Vector()),
        (Vector(), Vector(), Vector(), Vector(), Vector(), Vector()),
        (Vector(), Vector(), Vector(), Vector(), Vector(), Vector()),
        (Vector(), Vector(), Vector(), Vector(), Vector(), Vector())
    )
}
