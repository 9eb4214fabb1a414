/// The dropout masks of a training, epoch after epoch.
struct DropoutMasks {
    private struct Site {
        let columns: Int
        let keep: Double
        let panelsBefore: Int
    }

    private let sites: [Site]
    private let rows: Int
    private let key: SIMD4<UInt32>
    /// The recorded masks; nil where they are drawn block by block.
    private let recording: Arena?

    /// - Parameter rows: rows of the training data.
    init(_ plan: TrainingPlan, rows: Int, _ random: TrainingRandom) throws(EngineError) {
        sites = zip(plan.network.nodes, plan.layout.nodes).compactMap { node, place in
            node.operation.dropoutRate > 0
                ? Site(
                    columns: node.shape.elementCount, keep: 1 - node.operation.dropoutRate,
                    panelsBefore: place.dropout.panelsBefore)
                : nil
        }
        self.rows = rows
        key = random.maskKey
        recording =
            random.recordsMasks
            ? try Arena(floats: (plan.layout.dropoutPanels * rows + 1) / 2, zeroed: 0) : nil
    }

    /// The masks of `epoch`, counted from 0; valid until the next call.
    func draw(epoch: Int, _ random: inout TrainingRandom) -> DropoutDraw {
        guard let recording else {
            return DropoutDraw(
                source: .counter(key: key, epoch: UInt32(truncatingIfNeeded: epoch)))
        }
        let words = UnsafeMutableRawPointer(recording.base).assumingMemoryBound(to: UInt16.self)
        for site in sites {
            random.recordMask(
                words + site.panelsBefore * rows, rows: rows, columns: site.columns,
                keep: site.keep)
        }
        return DropoutDraw(source: .recording(words, rows: rows))
    }
}
