/// The batches of a training's epochs: all rows at once in their own order, or some of them at a time.
///
/// Where they are fewer than all, each epoch takes all rows once, in an order that depends on the seed, the
/// number of rows and the epoch only; the last batch has what is left. Running it allocates nothing.
struct MiniBatches {
    private let data: Batch
    private let size: Int
    private let inputWidth: Int
    private let targetWidth: Int
    private let seed: UInt64
    /// Where the rows of a batch are put together; nil where a batch is all of them.
    private let memory: Memory?

    private struct Memory {
        /// Inputs, targets and weights of one batch, behind each other.
        let rows: Arena
        /// The order of the epoch, a word per row.
        let order: Arena
    }

    /// - Parameter size: rows of a batch; nil, or as many as there are, for all of them in their order.
    init(
        _ data: Batch, size: Int?, inputWidth: Int, targetWidth: Int, seed: UInt64
    ) throws(EngineError) {
        self.data = data
        self.size = Self.rows(of: data.rows, size: size)
        self.inputWidth = inputWidth
        self.targetWidth = targetWidth
        self.seed = seed
        memory =
            self.size < data.rows
            ? Memory(
                rows: try Arena(
                    floats: Self.floats(
                        rows: self.size, inputWidth: inputWidth, targetWidth: targetWidth),
                    zeroed: 0),
                order: try Arena(floats: data.rows, zeroed: 0))
            : nil
    }

    /// Rows of a batch, the last one excepted.
    static func rows(of count: Int, size: Int?) -> Int { min(size ?? count, count) }

    /// Floats that a batch is put together in.
    private static func floats(rows: Int, inputWidth: Int, targetWidth: Int) -> Int {
        rows * (inputWidth + targetWidth + 1)
    }

    /// Floats that training on `rows` rows takes for batches of `size`.
    static func floats(of rows: Int, size: Int?, inputWidth: Int, targetWidth: Int) -> Int {
        let batch = Self.rows(of: rows, size: size)
        return batch < rows
            ? floats(rows: batch, inputWidth: inputWidth, targetWidth: targetWidth) + rows : 0
    }

    /// Batches of an epoch.
    var count: Int { (data.rows + size - 1) / size }

    /// Draws the order of the rows in `epoch`, counted from 0.
    func shuffle(epoch: Int) {
        guard let memory else { return }
        Self.order(into: words(memory), rows: data.rows, seed: seed, epoch: epoch)
    }

    /// Batch number `index` of the epoch, valid until the next call.
    func batch(_ index: Int) -> Batch {
        guard let memory else { return data }
        let (order, first) = (words(memory), index * size)
        let count = min(size, data.rows - first)
        let inputs = memory.rows.base
        let targets = inputs + size * inputWidth
        let weights = targets + size * targetWidth
        for row in 0..<count {
            let source = Int(order[first + row])
            (inputs + row * inputWidth)
                .update(from: data.inputs + source * inputWidth, count: inputWidth)
            (targets + row * targetWidth)
                .update(from: data.targets + source * targetWidth, count: targetWidth)
            if let all = data.weights { weights[row] = all[source] }
        }
        return Batch(
            inputs: inputs, targets: targets, weights: data.weights.map { _ in UnsafePointer(weights) },
            rows: count)
    }

    private func words(_ memory: Memory) -> UnsafeMutablePointer<UInt32> {
        UnsafeMutableRawPointer(memory.order.base).assumingMemoryBound(to: UInt32.self)
    }

    /// The most rows that an order can be of.
    static let largestCount = Int(UInt32.max)

    /// Writes the order of `rows` rows in an epoch: Fisher and Yates' shuffle from a stream of its own.
    ///
    /// The stream is the same for every ``GeneratorKind``: an order takes nothing from PyTorch's generator.
    static func order(
        into order: UnsafeMutablePointer<UInt32>, rows: Int, seed: UInt64, epoch: Int
    ) {
        var stream = RandomStream(seed: seed).derived("order", UInt64(epoch))
        for row in 0..<rows { order[row] = UInt32(truncatingIfNeeded: row) }
        for last in stride(from: rows - 1, to: 0, by: -1) {
            let other = stream.index(below: last + 1)
            (order[last], order[other]) = (order[other], order[last])
        }
    }

    /// The order that a training with this seed takes the rows in, in epoch number `epoch`, counted from 0.
    static func order(rows: Int, seed: UInt64, epoch: Int) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: rows) { words, count in
            count = rows
            if let base = words.baseAddress {
                order(into: base, rows: rows, seed: seed, epoch: epoch)
            }
        }
    }
}

/// The order in which a training with mini-batches takes the rows, for replays elsewhere.
public func batchOrder(rows: Int, seed: UInt64, epoch: Int) throws(EngineError) -> [UInt32] {
    try require(
        rows >= 1 && rows <= MiniBatches.largestCount,
        "rows must be in [1, \(MiniBatches.largestCount)], got \(rows)")
    try require(epoch >= 0, "epoch must be ≥ 0, got \(epoch)")
    try Machine.checkMemory(rows * MemoryLayout<UInt32>.stride)
    return MiniBatches.order(rows: rows, seed: seed, epoch: epoch)
}
