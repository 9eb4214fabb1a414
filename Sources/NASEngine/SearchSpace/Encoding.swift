/// Architectures as points of a real space, for models that predict from them.
///
/// A parameter with an order is one coordinate in [0, 1], see ``Domain/unit(of:)``; one without is a
/// coordinate per choice, of which one is 1 (with two choices one coordinate suffices). A parameter that
/// is not always active has another coordinate that says whether it is, and its middle value where it is
/// not. Fixed parameters have none.
struct Encoding: Sendable {
    private let space: SearchSpace
    /// Coordinates of a point.
    let dimension: Int

    init(_ space: SearchSpace) {
        self.space = space
        dimension = space.parameters.reduce(0) { $0 + Self.width(of: $1) }
    }

    private static func width(of parameter: Parameter) -> Int {
        let own = isOneHot(parameter.domain) ? parameter.domain.count ?? 1 : parameter.domain.isFixed ? 0 : 1
        return own + (parameter.conditions.isEmpty ? 0 : 1)
    }

    private static func isOneHot(_ domain: Domain) -> Bool {
        domain.isNominal && (domain.count ?? 0) > 2
    }

    /// The point of an architecture of the space.
    func point(of architecture: Architecture) -> [Double] {
        var point: [Double] = []
        point.reserveCapacity(dimension)
        for (parameter, value) in zip(space.parameters, space.values(of: architecture)) {
            let domain = parameter.domain
            if Self.isOneHot(domain) {
                let chosen = value.flatMap(domain.index)
                for choice in 0..<(domain.count ?? 0) { point.append(choice == chosen ? 1 : 0) }
            } else if !domain.isFixed {
                point.append(value.map(domain.unit) ?? 0.5)
            }
            if !parameter.conditions.isEmpty { point.append(value == nil ? 0 : 1) }
        }
        return point
    }
}
