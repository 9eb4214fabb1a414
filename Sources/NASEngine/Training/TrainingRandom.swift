/// Which generator a training draws from.
public enum GeneratorKind: String, Sendable, CaseIterable {
    /// The engine's own counter-based generator: fast, and independent of the order of evaluation.
    case counter
    /// PyTorch's CPU generator after `torch.manual_seed(seed)`: the same weights and dropout masks.
    case torch
}

/// Everything random in one training: the initial parameters, then one set of masks per step.
struct TrainingRandom {
    private enum Generator {
        case counter(RandomStream)
        case torch(TorchGenerator)
    }

    private var generator: Generator

    init(kind: GeneratorKind, seed: UInt64) {
        generator =
            switch kind {
            case .counter: .counter(RandomStream(seed: seed))
            case .torch: .torch(TorchGenerator(seed: seed))
            }
    }

    /// Whether masks must be recorded for all rows before a step, see ``recordMask(_:rows:columns:keep:)``.
    var recordsMasks: Bool {
        if case .torch = generator { true } else { false }
    }

    /// Draws the initial value of parameter number `index`, in PyTorch's layout.
    mutating func fill(
        _ values: UnsafeMutablePointer<Float>, count: Int, index: Int,
        _ distribution: Initializer.Distribution
    ) {
        if distribution == .zero {
            values.update(repeating: 0, count: count)
            return
        }
        switch generator {
        case .counter(let root):
            let stream = root.derived("parameter", UInt64(index))
            switch distribution {
            case .zero: break
            case .uniform(let limit):
                InstructionSet.current.kernels.fillUniform(
                    values, count: count, key: stream.key, limit: Float(limit))
            case .normal(let deviation):
                var stream = stream
                for i in 0..<count { values[i] = Float(deviation * stream.normal()) }
            }
        case .torch(var torch):
            switch distribution {
            case .zero: break
            case .uniform(let limit):
                for i in 0..<count { values[i] = torch.uniform(-Float(limit), Float(limit)) }
            case .normal(let deviation):
                torch.fillNormal(values, count: count)
                for i in 0..<count { values[i] *= Float(deviation) }
            }
            generator = .torch(torch)
        }
    }

    /// The key of the counter-based masks; each step is a counter word of its own.
    var maskKey: SIMD4<UInt32> {
        if case .counter(let root) = generator { root.derived("dropout").key } else { .zero }
    }

    /// Records one mask for `rows` rows in PyTorch's order, row by row, as `[panels][rows]` words.
    mutating func recordMask(
        _ words: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int, keep: Double
    ) {
        guard case .torch(var torch) = generator else { return }
        let width = Panels.width
        for row in 0..<rows {
            for panel in 0..<Panels.count(columns) {
                var bits: UInt16 = 0
                for lane in 0..<min(width, columns - panel * width)
                where torch.bernoulli(keep) {
                    bits |= 1 << UInt16(lane)
                }
                words[panel * rows + row] = bits
            }
        }
        generator = .torch(torch)
    }
}
