import NASKernelInterface

extension KernelMeasurement {
    /// What a training does number by number beside its products.
    public enum Pass: String, Sendable, CaseIterable {
        case activate
        case differentiate
        case mask
        case update
        /// Initial weights.
        case draw
        /// A weighted sum of three inputs.
        case sum
        /// The gradients of one input, taken through the activation that made it, and of its weight.
        case sumBackward = "sum_backward"
    }

    /// Seconds that `repetitions` passes over the same numbers take: of the instruction set in use, on one
    /// thread.
    ///
    /// - Parameters:
    ///   - name: of the activation, or of the optimizer for ``Pass/update``; not read where neither is needed.
    ///   - dropout: whether a dropout of 0.2 is behind the activation.
    ///   - count: of the numbers, filled up to a multiple of 16.
    ///   - repetitions: at least 1.
    public static func measure(
        _ pass: Pass, of name: String, dropout: Bool, count: Int, repetitions: Int
    ) throws(EngineError) -> Double {
        for (name, value) in [("count", count), ("repetitions", repetitions)] {
            try require(value >= 1 && value <= 1 << 24, "\(name) must be in 1…16777216, got \(value)")
        }
        let kernels = InstructionSet.current.kernels
        let rows = Panels.count(count)
        let floats = rows * Panels.width
        let hasActivation = [.activate, .differentiate, .sumBackward].contains(pass)
        let activation =
            hasActivation ? try ActivationRegistry.function(named: name) : ActivationRegistry.identity
        let optimizer = pass == .update ? try OptimizerRegistry.optimizer(named: name) : nil
        let settings = OptimizerSettings(learningRate: 1e-6)
        let momentCount = (optimizer?.moments(settings) ?? 0) * floats
        let moments = try Arena(floats: momentCount, zeroed: momentCount)
        let (x, y, dx) = (
            try Arena.filled(floats), try Arena.filled(floats), try Arena.filled(floats)
        )
        let words = try Arena(floats: rows, zeroed: rows)
        defer { withExtendedLifetime((moments, x, y, dx, words)) {} }
        let mask = UnsafeMutableRawPointer(words.base).bindMemory(to: UInt16.self, capacity: rows)
        let draw = MaskDraw(
            key: SIMD4(1, 2, 3, 4), step: 0, site: 0, keep: 52_429, panels: 1, rows: rows, firstRow: 0)
        kernels.fillMask(mask, draw)
        let site = ActivationSite(
            activation: activation.index, input: x.base, output: y.base, mask: dropout ? mask : nil,
            scale: 1.25)
        let inputs = [x, dx, x].map { UnsafePointer($0.base) }
        let weights: [Float] = [0.5, 0.25, 0.25]
        let start = Clock.nanoseconds
        for step in 1...repetitions {
            switch pass {
            case .activate: kernels.activate(site, count: rows)
            case .differentiate:
                kernels.differentiate(site, dy: x.base, dx: dx.base, count: rows, accumulate: false)
            case .mask: kernels.fillMask(mask, draw)
            case .update:
                kernels.update(
                    optimizer?.index ?? 0, settings, x.base, y.base, moments: moments.base,
                    stride: floats, count: floats, step: step)
            case .draw: kernels.fillUniform(y.base, count: floats, key: draw.key, limit: 1)
            case .sum:
                kernels.weightedSum(inputs, weights, inputCount: inputs.count, into: y.base, count: floats)
            case .sumBackward:
                _ = kernels.scaleBackward(
                    0.5, x: y.base, dy: x.base, dx: dx.base, rows: 0..<rows, accumulate: false,
                    edge: .differentiate(site))
            }
        }
        return Double(Clock.nanoseconds - start) * 1e-9
    }
}
