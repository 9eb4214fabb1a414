/// The dropout masks of a training, step after step.
struct DropoutMasks {
    private struct Site {
        let columns: Int
        let keep: Double
        let panelsBefore: Int
    }

    private let sites: [Site]
    private let key: SIMD4<UInt32>
    /// The recorded masks; nil where they are drawn block by block.
    private let recording: Arena?

    /// Floats that recorded masks take, for steps of so many rows.
    static func floats(_ layout: PlanLayout, rows: Int) -> Int { (layout.dropoutPanels * rows + 1) / 2 }

    /// Floats that they take.
    var floats: Int { (recording?.byteCount ?? 0) / MemoryLayout<Float>.stride }

    /// - Parameter rows: the most rows of a step.
    init(_ plan: TrainingPlan, rows: Int, _ random: TrainingRandom) throws(EngineError) {
        sites = zip(plan.network.nodes, plan.layout.nodes).compactMap { node, place in
            node.operation.dropoutRate > 0
                ? Site(
                    columns: node.shape.elementCount, keep: 1 - node.operation.dropoutRate,
                    panelsBefore: place.dropout.panelsBefore)
                : nil
        }
        key = random.maskKey
        recording =
            random.recordsMasks
            ? try Arena(floats: Self.floats(plan.layout, rows: rows), zeroed: 0) : nil
    }

    /// The masks of a step on so many rows, steps counted from 0; valid until the next call.
    func draw(step: Int, rows: Int, _ random: inout TrainingRandom) -> DropoutDraw {
        guard let recording else {
            return DropoutDraw(
                source: .counter(key: key, step: UInt32(truncatingIfNeeded: step)))
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
