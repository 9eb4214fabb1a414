import CMachine

/// A candidate before its first step, with the rows that proxies may look at.
///
/// The weights are those that a training with the same seed and generator begins with.
public struct UntrainedCandidate {
    let candidate: Candidate
    /// The first training rows.
    let batch: Batch
    let cancellation: Cancellation?
    /// What it would be trained by.
    var loss: any Loss.Type { dataset.loss }
    private let dataset: Dataset
    private let seed: UInt64
    private let generator: GeneratorKind

    /// Rows that proxies may compare with one another: their number squared is kept in memory.
    public static let largestBatch = 1024

    /// - Parameter rows: how many training rows to look at, all if there are fewer.
    public init(
        _ candidate: Candidate, on dataset: Dataset, rows: Int, seed: UInt64,
        generator: GeneratorKind = .counter, cancellation: Cancellation? = nil
    ) throws(EngineError) {
        try require(
            rows >= 1 && rows <= Self.largestBatch,
            "rows must be in [1, \(Self.largestBatch)], got \(rows)")
        try candidate.check(dataset, generator)
        self.candidate = candidate
        self.dataset = dataset
        self.seed = seed
        self.generator = generator
        self.cancellation = cancellation
        let train = dataset.train
        batch = train.prefix(min(rows, train.rows))
    }

    /// The score by a proxy, with the arithmetic of a training.
    public func score(_ proxy: any Proxy.Type) throws(EngineError) -> Double {
        let mode = nas_machine_flush_denormals()
        defer { nas_machine_restore_denormals(mode) }
        return try proxy.score(self)
    }

    /// A plan of `network`, which has the candidate's parameters, with the initial weights.
    func plan(_ network: Network) throws(EngineError) -> TrainingPlan {
        let plan = try TrainingPlan(network, rows: batch.rows, purpose: .training)
        var random = TrainingRandom(kind: generator, seed: seed)
        try plan.initialize(candidate.initializer, &random)
        return plan
    }

    /// The initial weights alone, row-major in PyTorch's layout, in the network's order.
    ///
    /// Whoever asks for them checks that there is memory.
    func weights() -> [[Float]] {
        var random = TrainingRandom(kind: generator, seed: seed)
        return candidate.network.parameters.enumerated().map { index, parameter in
            let tensor = parameter.tensor
            return [Float](unsafeUninitializedCapacity: tensor.elementCount) { values, count in
                count = tensor.elementCount
                guard let base = values.baseAddress else { return }
                random.fill(
                    base, count: count, index: index, candidate.initializer.distribution(for: tensor))
            }
        }
    }
}
