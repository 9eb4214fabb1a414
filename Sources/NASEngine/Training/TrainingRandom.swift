/// Which generator a training draws from.
public enum GeneratorKind: String, Sendable, CaseIterable {
    /// The engine's own counter-based generator: fast, and independent of the order of evaluation.
    case counter
    /// PyTorch's CPU generator after `torch.manual_seed(seed)`: the same weights and dropout masks.
    case torch
}

/// Everything random in one training: the initial parameters, then one set of masks per epoch.
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

    /// Whether masks must be recorded for the whole data before an epoch, see ``recordMask(_:rows:columns:keep:)``.
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
                Kernels.fillUniform(values, count: count, key: stream.key, limit: Float(limit))
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

    /// The key of the counter-based masks; each epoch is a counter word of its own.
    var maskKey: SIMD4<UInt32> {
        if case .counter(let root) = generator { root.derived("dropout").key } else { .zero }
    }

    /// Records one mask for `rows` rows in PyTorch's order, row by row, as `[panels][rows]` words.
    mutating func recordMask(
        _ words: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int, keep: Double
    ) {
        guard case .torch(var torch) = generator else { return }
        let width = Kernels.panelWidth
        for row in 0..<rows {
            for panel in 0..<Kernels.panels(columns) {
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

extension Kernels {
    /// Fills `values` with uniform numbers in ±limit, multiples of limit · 2⁻²³; any `count`.
    static func fillUniform(
        _ values: UnsafeMutablePointer<Float>, count: Int, key: SIMD4<UInt32>, limit: Float
    ) {
        typealias Lanes = SIMD8<UInt32>
        let lanes: Lanes = [0, 1, 2, 3, 4, 5, 6, 7]
        let scale = limit * 0x1p-23
        // The numbers of one draw: four words of eight lanes.
        let perDraw = 32
        for start in stride(from: 0, to: count, by: perDraw) {
            let draw = start / perDraw
            var words = (
                Lanes(repeating: UInt32(truncatingIfNeeded: draw &* 8)) &+ lanes,
                Lanes(repeating: UInt32(truncatingIfNeeded: draw >> 29)), Lanes(), Lanes()
            )
            Threefry.encrypt(&words, key: key)
            for lane in 0..<min(perDraw, count - start) {
                let word =
                    switch lane / 8 {
                    case 0: words.0[lane % 8]
                    case 1: words.1[lane % 8]
                    case 2: words.2[lane % 8]
                    default: words.3[lane % 8]
                    }
                values[start + lane] = Float(Int32(word >> 8) - 0x80_0000) * scale
            }
        }
    }
}
