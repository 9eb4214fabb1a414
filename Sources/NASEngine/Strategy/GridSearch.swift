/// All architectures of a grid, in order.
struct GridSearch: Strategy {
    static let name = "GridSearch"
    static let summary =
        "Every combination of the choices, the last parameter fastest, with ranges cut into even steps."
    static let options = [
        OptionSpecification(
            "points_per_range", 5, .integer(1...1_000_000),
            "Values that stand for a range of reals, or one of more integers."),
        OptionSpecification(
            "shuffle", false, .boolean, "Whether the grid is gone through in random order."),
    ]

    private static let batchSize = 16

    private let grid: SearchSpace
    private var shuffled: RandomSearch?
    private let count: Int
    private var next = 0

    init(space: SearchSpace, options: Options, random: RandomStream) throws(EngineError) {
        let points = options[integer: "points_per_range"]
        var parameters: [Parameter] = []
        for parameter in space.parameters {
            parameters.append(
                try Parameter(
                    parameter.name, Self.cut(parameter.domain, points), when: parameter.conditions))
        }
        grid = try SearchSpace(parameters, forbidden: space.forbidden)
        guard let count = grid.count else {
            throw .invalidArgument(
                "search_space must be small enough to count for GridSearch; lower points_per_range")
        }
        self.count = count
        if options[boolean: "shuffle"] {
            shuffled = RandomSearch(
                space: grid, options: try Options([:], for: RandomSearch.options, of: RandomSearch.name),
                random: random)
        }
    }

    /// `points` values at even steps over a range's scale, from end to end; its middle if there is only one.
    private static func cut(_ domain: Domain, _ points: Int) -> Domain {
        switch domain {
        case .categorical, .ordinal: return domain
        case .integer, .real:
            if let count = domain.count, count <= points { return .ordinal((0..<count).map(domain.choice)) }
            var values: [Value] = []
            for point in 0..<points {
                let unit = points == 1 ? 0.5 : Double(point) / Double(points - 1)
                let value = domain.value(atUnit: unit)
                if values.last != value { values.append(value) }
            }
            return .ordinal(values)
        }
    }

    mutating func propose() -> [Proposal] {
        if shuffled != nil { return shuffled?.propose() ?? [] }
        let end = min(next + Self.batchSize, count)
        defer { next = end }
        return (next..<end).map { Proposal(grid[$0]) }
    }

    mutating func observe(_ batch: [Observation]) {}

    var state: Value { shuffled?.state ?? .record(["drawn": .integer(next)]) }

    mutating func restore(_ state: Value) throws(EngineError) {
        if shuffled != nil {
            try shuffled?.restore(state)
        } else {
            let target = try Record(state, "state").count("drawn")
            try require(
                target <= count, "state['drawn'] must be at most \(count), got \(target)")
            next = target
        }
    }
}
