/// New candidates by the tree-structured Parzen estimator: of draws from the density of the good ones, that
/// with the largest ratio to the density of the others.
///
/// Source: Bergstra et al., NeurIPS 2011, section 4. What ``TPE`` and ``BOHB`` share.
struct ParzenSearch: Sendable {
    static let options = [
        OptionSpecification(
            "good_fraction", 0.15, .real(0...1, openLow: true, openHigh: true),
            "Share of the candidates that count as good, at most 25 of them."),
        OptionSpecification(
            "draws", 64, .integer(1...1_000_000), "Draws of which the best is proposed."),
    ]

    private static let mostGood = 25

    private let space: SearchSpace
    private let goodFraction: Double
    private let draws: Int

    init(_ space: SearchSpace, _ options: Options) {
        self.space = space
        goodFraction = options[real: "good_fraction"]
        draws = options[integer: "draws"]
    }

    struct Model {
        let better: ParzenEstimator
        let worse: ParzenEstimator
    }

    /// - Parameter ranked: architectures, best first.
    func model(_ ranked: [Architecture]) -> Model {
        let good = min(Int((goodFraction * Double(ranked.count)).rounded(.up)), Self.mostGood)
        return Model(
            better: ParzenEstimator(space, around: Array(ranked[..<good])),
            worse: ParzenEstimator(space, around: Array(ranked[good...])))
    }

    /// An architecture that is new; nil if the space is used up.
    func next(
        _ model: Model, _ history: History, besides taken: Set<Architecture>,
        using random: inout RandomStream
    ) -> Architecture? {
        var best: (architecture: Architecture, ratio: Double)?
        for _ in 0..<draws {
            let drawn = model.better.sample(using: &random)
            if history.seen.contains(drawn) || taken.contains(drawn) { continue }
            let values = space.values(of: drawn)
            let ratio = model.better.logDensity(values) - model.worse.logDensity(values)
            if ratio > best?.ratio ?? -.infinity { best = (drawn, ratio) }
        }
        return best?.architecture
            ?? history.unseen(
                in: space, besides: taken, using: &random, model.better.sample(using:))
    }
}
