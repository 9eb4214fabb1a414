#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A density over the architectures of a space: a mixture of one product of kernels around each of some
/// centres, and the even distribution.
///
/// A parameter that a centre has not counts as evenly distributed there. Source: Bergstra, Bardenet, Bengio
/// and Kégl, NeurIPS 2011, in the multivariate form of Falkner, Klein and Hutter (BOHB, ICML 2018).
struct ParzenEstimator {
    private let space: SearchSpace
    private let centres: [[Value?]]
    /// For each parameter a table of kernels between choices, or a bandwidth on its scale.
    private let kernels: [Kernel]

    private enum Kernel {
        /// Log-probabilities by centre and choice.
        case table([[Double]])
        case bandwidth(Double)
    }

    /// Domains with more choices are treated like ranges of reals, and so are integers on a logarithmic scale,
    /// of which the even distribution prefers the small.
    private static let largestTable = 256

    init(_ space: SearchSpace, around centres: [Architecture]) {
        self.space = space
        self.centres = centres.map(space.values)
        let free = space.parameters.lazy.filter { !$0.domain.isFixed }.count
        // Scott's rule for a scale of which an even distribution is 1 wide.
        let bandwidth = 0.2 * pow(Double(max(centres.count, 1)), -1 / Double(free + 4))
        kernels = space.parameters.map { Self.kernel($0.domain, bandwidth, centres.count) }
    }

    private static func kernel(_ domain: Domain, _ bandwidth: Double, _ centres: Int) -> Kernel {
        guard let count = domain.count, count <= largestTable, !domain.isLogarithmic else {
            return .bandwidth(bandwidth)
        }
        // The share of a kernel that is spread evenly.
        let even = 1 / Double(centres + 2)
        return .table(
            (0..<count).map { centre in
                var weights = (0..<count).map { choice -> Double in
                    if domain.isNominal { return choice == centre ? 1 : 0 }
                    let distance = Double(choice - centre) / Double(count) / bandwidth
                    return exp(-0.5 * distance * distance)
                }
                let sum = weights.reduce(0, +)
                for choice in weights.indices {
                    weights[choice] = (1 - even) * weights[choice] / sum + even / Double(count)
                }
                return weights.map { log($0) }
            })
    }

    /// The logarithm of the density at an architecture's values, with respect to the count of choices or the
    /// scale of a range; over a space with forbidden combinations it sums to less than 1.
    func logDensity(_ values: [Value?]) -> Double {
        var logs = centres.map { _ in 0.0 }
        var prior = 0.0
        for (index, parameter) in space.parameters.enumerated() {
            guard let value = values[index] else { continue }
            let domain = parameter.domain
            switch kernels[index] {
            case .table(let table):
                guard let choice = domain.index(of: value) else { continue }
                let even = -log(Double(table.count))
                prior += even
                for (number, centre) in centres.enumerated() {
                    logs[number] += centre[index].flatMap(domain.index).map { table[$0][choice] } ?? even
                }
            case .bandwidth(let bandwidth):
                let place = domain.unit(of: value)
                for (number, centre) in centres.enumerated() {
                    guard let other = centre[index] else { continue }
                    logs[number] += Self.logNormal(place, domain.unit(of: other), bandwidth)
                }
            }
        }
        logs.append(prior)
        let largest = logs.max() ?? 0
        return largest + log(logs.reduce(0) { $0 + exp($1 - largest) } / Double(logs.count))
    }

    /// Of a normal distribution cut off at 0 and 1.
    private static func logNormal(_ place: Double, _ centre: Double, _ width: Double) -> Double {
        let distance = (place - centre) / width
        func below(_ limit: Double) -> Double { 0.5 * erfc(-(limit - centre) / width / 2.0.squareRoot()) }
        return -0.5 * distance * distance - log(width * (2 * Double.pi).squareRoot())
            - log(below(1) - below(0))
    }

    /// A draw from a normal distribution cut off at 0 and 1, of whose draws about half at least are inside.
    private static func normal(
        _ centre: Double, _ width: Double, using random: inout RandomStream
    ) -> Double {
        for _ in 0..<100 {
            let place = centre + width * random.normal()
            if (0..<1).contains(place) { return place }
        }
        return centre
    }

    /// A draw from the density, forbidden architectures left out.
    func sample(using random: inout RandomStream) -> Architecture {
        let chosen = random.index(below: centres.count + 1)
        guard chosen < centres.count else { return space.sample(using: &random) }
        let centre = centres[chosen]
        let drawn = space.allowed(in: 20) {
            space.build { index in
                let domain = space.parameters[index].domain
                guard let value = centre[index] else { return domain.sample(using: &random) }
                switch kernels[index] {
                case .table(let table):
                    let row = domain.index(of: value).map { table[$0] } ?? []
                    return domain.choice(random.categorical(row.map { exp($0) }))
                case .bandwidth(let bandwidth):
                    return domain.value(
                        atUnit: Self.normal(domain.unit(of: value), bandwidth, using: &random))
                }
            }
        }
        return drawn ?? space.sample(using: &random)
    }
}
