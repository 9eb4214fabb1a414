#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The policy of ``Reinforce``: a one-layer tanh RNN with one linear head per parameter of the space.
///
/// h₀ = 0; for parameter t in order hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh), and head t gives the
/// logits of its choices: PyTorch's `nn.RNN` and `nn.Linear`, in float64. The input xₜ is one zero
/// scalar, or the one-hot code of the previous choice, where code 0 stands for "none yet".
struct Controller: Sendable {
    /// One decision of an episode, as far as the gradient needs it.
    struct Step {
        /// The number of the parameter.
        let head: Int
        /// The position of the one in the input; nil for the zero input.
        let input: Int?
        let hidden: [Double]
        let probabilities: [Double]
        let choice: Int
    }

    let choiceCounts: [Int]
    let hiddenSize: Int
    let feedsPreviousChoice: Bool
    /// All parameters in one run: see ``tensors`` for what lies where.
    var weights: [Double]

    /// Weights and biases uniform in ±1/√hidden, as PyTorch initialises both module types.
    init(
        choiceCounts: [Int], hiddenSize: Int, feedsPreviousChoice: Bool, random: RandomStream
    ) throws(EngineError) {
        self.choiceCounts = choiceCounts
        self.hiddenSize = hiddenSize
        self.feedsPreviousChoice = feedsPreviousChoice
        weights = []
        let count = tensors.reduce(0) { $0 + $1.count }
        // With two moments and a gradient of each.
        try Machine.checkMemory(4 * MemoryLayout<Double>.stride * count)
        var random = random
        let limit = 1 / Double(hiddenSize).squareRoot()
        weights = (0..<count).map { _ in (2 * random.uniform() - 1) * limit }
    }

    /// Width of the RNN's input.
    var inputSize: Int { feedsPreviousChoice ? 1 + choiceCounts.reduce(0, +) : 1 }

    /// Names, as in a PyTorch module with `rnn` and `heads`, and row-major sizes, in order.
    var tensors: [(name: String, count: Int)] {
        [
            ("rnn.weight_ih", hiddenSize * inputSize), ("rnn.weight_hh", hiddenSize * hiddenSize),
            ("rnn.bias_ih", hiddenSize), ("rnn.bias_hh", hiddenSize),
        ]
            + choiceCounts.enumerated().flatMap { head, count in
                [
                    ("heads.\(head).weight", count * hiddenSize), ("heads.\(head).bias", count),
                ]
            }
    }

    private var recurrent: Int { hiddenSize * inputSize }
    private var bias: Int { recurrent + hiddenSize * hiddenSize }

    private func head(_ index: Int) -> Int {
        bias + 2 * hiddenSize
            + choiceCounts[..<index].reduce(0) { $0 + $1 * (hiddenSize + 1) }
    }

    /// The decision about parameter number `head`; `choose` picks a choice from the probabilities.
    ///
    /// - Parameter previous: the decision before, nil at the beginning of an episode.
    func step(
        _ head: Int, after previous: Step?, _ choose: (_ probabilities: [Double]) -> Int
    ) -> Step {
        var input: Int?
        if feedsPreviousChoice {
            input =
                previous.map {
                    let choices = choiceCounts[$0.head]
                    return 1 + choiceCounts[..<$0.head].reduce(0, +) + min($0.choice, choices - 1)
                } ?? 0
        }
        let hidden = next(previous?.hidden ?? Array(repeating: 0, count: hiddenSize), input)
        let probabilities = softmax(logits(head, hidden))
        return Step(
            head: head, input: input, hidden: hidden, probabilities: probabilities,
            choice: choose(probabilities))
    }

    private func next(_ hidden: [Double], _ input: Int?) -> [Double] {
        (0..<hiddenSize).map { unit in
            var sum = weights[bias + unit] + weights[bias + hiddenSize + unit]
            if let input { sum += weights[unit * inputSize + input] }
            sum += product(recurrent + unit * hiddenSize, hidden)
            return tanh(sum)
        }
    }

    private func logits(_ index: Int, _ hidden: [Double]) -> [Double] {
        let start = head(index)
        let count = choiceCounts[index]
        return (0..<count).map { choice in
            weights[start + count * hiddenSize + choice]
                + product(start + choice * hiddenSize, hidden)
        }
    }

    /// The weights from `start` on times a vector; in four sums, so that none waits for the one before.
    private func product(_ start: Int, _ vector: [Double]) -> Double {
        weights.withUnsafeBufferPointer { weights in
            vector.withUnsafeBufferPointer { vector in
                let row = UnsafeBufferPointer(rebasing: weights[start..<start + vector.count])
                var sums = SIMD4<Double>.zero
                let whole = vector.count & ~3
                for index in stride(from: 0, to: whole, by: 4) {
                    sums.x += row[index] * vector[index]
                    sums.y += row[index + 1] * vector[index + 1]
                    sums.z += row[index + 2] * vector[index + 2]
                    sums.w += row[index + 3] * vector[index + 3]
                }
                for index in whole..<vector.count { sums.x += row[index] * vector[index] }
                return (sums.x + sums.y) + (sums.z + sums.w)
            }
        }
    }

    private func softmax(_ logits: [Double]) -> [Double] {
        let largest = logits.max() ?? 0
        let exponentials = logits.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
    }

    /// Adds to `gradient` that of Σₜ (coefficientₜ · log pₜ(choice) − entropyWeight · entropyₜ).
    func accumulateGradient(
        _ steps: [Step], coefficients: [Double], entropyWeight: Double,
        into gradient: inout [Double]
    ) {
        var later = [Double](repeating: 0, count: hiddenSize)
        for (index, step) in steps.enumerated().reversed() {
            let dLogits = logitGradient(step, coefficients[index], entropyWeight)
            var dHidden = later
            let start = head(step.head)
            for (choice, slope) in dLogits.enumerated() {
                let row = start + choice * hiddenSize
                add(slope, step.hidden, to: &gradient, at: row)
                addRow(row, times: slope, to: &dHidden)
                gradient[start + dLogits.count * hiddenSize + choice] += slope
            }
            let before = index > 0 ? steps[index - 1].hidden : nil
            later = [Double](repeating: 0, count: hiddenSize)
            for unit in 0..<hiddenSize {
                let slope = dHidden[unit] * (1 - step.hidden[unit] * step.hidden[unit])
                gradient[bias + unit] += slope
                gradient[bias + hiddenSize + unit] += slope
                if let input = step.input { gradient[unit * inputSize + input] += slope }
                guard let before else { continue }
                let row = recurrent + unit * hiddenSize
                add(slope, before, to: &gradient, at: row)
                addRow(row, times: slope, to: &later)
            }
        }
    }

    /// Adds `factor` times a vector to the part of `target` that begins at `start`.
    private func add(
        _ factor: Double, _ vector: [Double], to target: inout [Double], at start: Int
    ) {
        target.withUnsafeMutableBufferPointer { target in
            let part = UnsafeMutableBufferPointer(rebasing: target[start..<start + vector.count])
            for (index, value) in vector.enumerated() { part[index] += factor * value }
        }
    }

    /// Adds `factor` times the weights from `start` on to `target`.
    private func addRow(_ start: Int, times factor: Double, to target: inout [Double]) {
        weights.withUnsafeBufferPointer { weights in
            target.withUnsafeMutableBufferPointer { target in
                let row = UnsafeBufferPointer(rebasing: weights[start..<start + target.count])
                for (index, weight) in row.enumerated() { target[index] += factor * weight }
            }
        }
    }

    /// ∂/∂logits: log p gives onehot − p, the entropy H gives −p·(log p + H).
    private func logitGradient(
        _ step: Step, _ coefficient: Double, _ entropyWeight: Double
    ) -> [Double] {
        let logs = step.probabilities.map { $0 > 0 ? log($0) : 0 }
        let entropy = -zip(step.probabilities, logs).reduce(0) { $0 + $1.0 * $1.1 }
        return step.probabilities.indices.map { choice in
            let p = step.probabilities[choice]
            return coefficient * ((choice == step.choice ? 1 : 0) - p)
                + entropyWeight * p * (logs[choice] + entropy)
        }
    }
}
