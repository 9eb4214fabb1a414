/// A controller that makes the choices of a search space one after the other, and its optimizer.
///
/// What ``Reinforce`` and ``PPO`` share: drawing architectures, and moving the controller.
struct Policy: Sendable {
    let space: SearchSpace
    private(set) var controller: Controller
    private var adam: ControllerAdam

    /// Logits that one head may have; a controller cannot learn about more choices one by one.
    private static let largestHead = 10_000
    /// Episodes that may end at a forbidden architecture before one is drawn evenly.
    private static let tries = 100

    /// Throws if a parameter is a range of reals, or one of too many choices.
    ///
    /// - Parameter strategy: the strategy's name, for error messages.
    init(
        space: SearchSpace, strategy: String, hiddenSize: Int, feedsPreviousChoice: Bool,
        learningRate: Double, random: RandomStream
    ) throws(EngineError) {
        for parameter in space.parameters where parameter.domain.count ?? .max > Self.largestHead {
            throw .invalidArgument(
                "search_space['\(parameter.name)'] must have at most \(Self.largestHead) choices "
                    + "for \(strategy), got "
                    + (parameter.domain.count.map { "\($0)" } ?? "a range of reals; list some of them"))
        }
        self.space = space
        controller = try Controller(
            choiceCounts: space.parameters.compactMap(\.domain.count), hiddenSize: hiddenSize,
            feedsPreviousChoice: feedsPreviousChoice, random: random)
        adam = ControllerAdam(learningRate: learningRate, count: controller.weights.count)
    }

    /// Episodes that are drawn for an architecture that was not proposed before, then changes of the last one.
    private static let noveltyTries = 5

    /// `count` proposals, new ones as far as a few tries each can find them: a controller that is sure of its
    /// choices goes on to their neighbours. None when the space is used up.
    func proposals(_ count: Int, _ history: History, _ root: RandomStream) -> [Proposal] {
        var taken = history.seen
        if let size = space.count, taken.count >= size { return [] }
        return (0..<count).map { offset in
            var random = root.derived("episode", UInt64(history.count + offset))
            var architecture = sample(using: &random)
            for attempt in 1..<4 * Self.noveltyTries where taken.contains(architecture) {
                architecture =
                    attempt < Self.noveltyTries
                    ? sample(using: &random) : space.neighbour(of: architecture, using: &random)
            }
            taken.insert(architecture)
            return Proposal(architecture)
        }
    }

    /// An architecture from an episode of the controller; one drawn evenly where all end at forbidden ones.
    func sample(using random: inout RandomStream) -> Architecture {
        space.allowed(in: Self.tries) {
            episode { random.categorical($1) }.architecture
        } ?? space.sample(using: &random)
    }

    /// The decisions of the episode that ends at `architecture`, with the controller as it is now.
    func steps(to architecture: Architecture) -> [Controller.Step] {
        let values = space.values(of: architecture)
        return episode { head, _ in
            values[head].flatMap(space.parameters[head].domain.index) ?? 0
        }.steps
    }

    /// One episode: a decision for each active parameter in order.
    private func episode(
        _ choose: (_ head: Int, _ probabilities: [Double]) -> Int
    ) -> (steps: [Controller.Step], architecture: Architecture) {
        var steps: [Controller.Step] = []
        let architecture = space.build { head in
            let step = controller.step(head, after: steps.last) { choose(head, $0) }
            steps.append(step)
            return space.parameters[head].domain.choice(step.choice)
        }
        return (steps, architecture)
    }

    /// One step of the optimizer against the mean gradient of some episodes.
    ///
    /// - Parameter episodes: the decisions of each, and for each decision the factor of the gradient of its
    ///   log-probability. Nothing happens if there are none, or the gradient is not finite.
    mutating func update(
        _ episodes: [(steps: [Controller.Step], coefficients: [Double])], entropyWeight: Double
    ) {
        guard !episodes.isEmpty else { return }
        var gradient = [Double](repeating: 0, count: controller.weights.count)
        for (steps, coefficients) in episodes {
            controller.accumulateGradient(
                steps, coefficients: coefficients, entropyWeight: entropyWeight, into: &gradient)
        }
        for index in gradient.indices { gradient[index] /= Double(episodes.count) }
        guard gradient.allSatisfy(\.isFinite) else { return }
        adam.update(&controller.weights, gradient)
    }
}

// MARK: - State

extension Policy {
    /// The controller's tensors and their moments by their PyTorch names, row-major.
    var fields: [String: Value] {
        [
            "controller": .record(named(controller.weights)),
            "first_moments": .record(named(adam.first)),
            "second_moments": .record(named(adam.second)),
            "updates": .integer(adam.step),
        ]
    }

    /// Takes back what ``fields`` gave.
    mutating func restore(_ record: Record) throws(EngineError) {
        let weights = try flat(record, "controller")
        let first = try flat(record, "first_moments")
        let second = try flat(record, "second_moments")
        let updates = try record.count("updates")
        controller.weights = weights
        (adam.first, adam.second, adam.step) = (first, second, updates)
    }

    private func named(_ values: [Double]) -> [String: Value] {
        var rest = values[...]
        var fields: [String: Value] = [:]
        for tensor in controller.tensors {
            fields[tensor.name] = .list(rest.prefix(tensor.count).map { .real($0) })
            rest = rest.dropFirst(tensor.count)
        }
        return fields
    }

    private func flat(_ record: Record, _ field: String) throws(EngineError) -> [Double] {
        let tensors = try Record(try record.value(field), field)
        var values: [Double] = []
        for tensor in controller.tensors {
            values += try tensors.reals(tensor.name, count: tensor.count)
        }
        return values
    }
}
