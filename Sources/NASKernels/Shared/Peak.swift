/// Independent multiply-adds on as many accumulators as a product's largest tile has: what the products
/// would reach if they never had to wait for memory.
func multiplyAddInRegisters(_ repetitions: Int) -> Int {
    let rounds = 1024
    // Different beginnings, or the compiler would see that all accumulators are one.
    var memory = Memory()
    return withUnsafeMutableBytes(of: &memory) { bytes in
        guard let x = bytes.baseAddress?.assumingMemoryBound(to: Float.self) else { return 0 }
        var index = 0
        while index < LargestTile.rows {
            x[index] = Float(index &+ 1)
            index = index &+ 1
        }
        var v = load(x)
        var sums = LargestTile(Vector())
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
        sums.addTwoAndStore(LastSteps(x, x, x), 0, PlainEdge(c: x), 0, 0)
        let operations = 2 &* Vector.scalarCount &* LargestTile.rows &* rounds &* repetitions
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

/// One tile of a product over a block's depth, again and again, whose operands, 20 KB of AVX-512, stay in the first
/// cache: what the products would reach if nothing came from beyond it.
///
/// - Parameter numbers: 8,192 of them, of which the first are overwritten.
func multiplyAddInFirstCache(_ numbers: UnsafeMutablePointer<Float>, _ repetitions: Int) -> Int {
    let (depth, rows) = (blockDepth, LargestTile.rows)
    let vectors = numbers + rows &* depth
    var sums = LargestTile(Vector())
    var repetition = 0
    while repetition < repetitions {
        _ = addAllButTwo(
            &sums, numbers, panelWidth, 1, depth &+ 2, panelWidth, rows &* panelWidth, vectors)
        repetition = repetition &+ 1
    }
    // The sums must be used, or nothing would be computed.
    sums.addTwoAndStore(LastSteps(numbers, numbers, vectors), 0, PlainEdge(c: numbers), 0, 0)
    return 2 &* Vector.scalarCount &* rows &* depth &* repetitions
}
