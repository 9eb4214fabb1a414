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
    /// For each parameter what lies around the centres.
    private let kernels: [Kernel]

    private enum Kernel {
        /// Log-probabilities by centre's and drawn choice, and the choice of each centre; -1 for none.
        case table([[Double]], choices: [Int])
        /// A width on the parameter's scale, and the place of each centre; NaN for none.
        case bandwidth(Double, places: [Double])
    }

    /// Domains with more choices are treated like ranges of reals, and so are integers on a logarithmic scale,
    /// of which the even distribution prefers the small.
    private static let largestTable = 256

    init(_ space: SearchSpace, around architectures: [Architecture]) {
        self.space = space
        let centres = architectures.map(space.values)
        self.centres = centres
        let free = space.parameters.lazy.filter { !$0.domain.isFixed }.count
        // Scott's rule for a scale of which an even distribution is 1 wide.
        let bandwidth = 0.2 * pow(Double(max(centres.count, 1)), -1 / Double(free + 4))
        kernels = space.parameters.enumerated().map { index, parameter in
            let domain = parameter.domain
            guard let table = Self.table(domain, bandwidth, centres.count) else {
                let places = centres.map { $0[index].map(domain.unit) ?? .nan }
                return .bandwidth(bandwidth, places: places)
            }
            return .table(table, choices: centres.map { $0[index].flatMap(domain.index) ?? -1 })
        }
    }

    /// The logarithms of the kernels between choices; nil for a range.
    private static func table(
        _ domain: Domain, _ bandwidth: Double, _ centres: Int
    ) -> [[Double]]? {
        guard let count = domain.count, count <= largestTable, !domain.isLogarithmic else { return nil }
        // The share of a kernel that is spread evenly.
        let even = 1 / Double(centres + 2)
        return (0..<count).map { centre in
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
        }
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
            case .table(let table, let choices):
                guard let choice = domain.index(of: value) else { continue }
                let even = -log(Double(table.count))
                prior += even
                for (number, centre) in choices.enumerated() {
                    logs[number] += centre < 0 ? even : table[centre][choice]
                }
            case .bandwidth(let bandwidth, let places):
                let place = domain.unit(of: value)
                for (number, centre) in places.enumerated() where !centre.isNaN {
                    logs[number] += Self.logNormal(place, centre, bandwidth)
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
                guard centre[index] != nil else { return domain.sample(using: &random) }
                switch kernels[index] {
                case .table(let table, let choices):
                    return domain.choice(random.categorical(table[choices[chosen]].map { exp($0) }))
                case .bandwidth(let bandwidth, let places):
                    return domain.value(
                        atUnit: Self.normal(places[chosen], bandwidth, using: &random))
                }
            }
        }
        return drawn ?? space.sample(using: &random)
    }
}
