#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One choice to be made in a search space.
public struct Parameter: Hashable, Sendable {
    public enum Domain: Hashable, Sendable {
        /// Any of these values; they need not be of one type.
        case categorical([Value])
        /// All integers in low…high, evenly drawn, on a logarithmic scale if `log`.
        case integer(low: Int, high: Int, log: Bool)
        /// All reals in low…high, evenly drawn, on a logarithmic scale if `log`.
        case real(low: Double, high: Double, log: Bool)
    }

    public let name: String
    public let domain: Domain

    /// Integer ranges reach at most this far from zero, so that their size fits into an `Int`.
    static let largestInteger = 1 << 53

    /// Throws if there is no choice, a choice stands twice, or a range is empty or not finite.
    public init(_ name: String, _ domain: Domain) throws(EngineError) {
        try require(!name.isEmpty, "search_space must have names that are not empty, got ''")
        switch domain {
        case .categorical(let choices):
            try require(
                !choices.isEmpty, "search_space['\(name)'] must have at least one choice, got none")
            var seen: Set<Value> = []
            for choice in choices {
                try require(
                    seen.insert(choice).inserted,
                    "search_space['\(name)'] must have different choices, got \(choice) twice")
            }
        case .integer(let low, let high, let log):
            try require(
                low <= high, "search_space['\(name)'] must have low ≤ high, got \(low) and \(high)")
            try require(
                abs(low.clamped) < Self.largestInteger && abs(high.clamped) < Self.largestInteger,
                "search_space['\(name)'] must stay within ±2⁵³, got \(low) and \(high)")
            try require(
                !log || low > 0,
                "search_space['\(name)'] must have low > 0 on a logarithmic scale, got \(low)")
        case .real(let low, let high, let log):
            try require(
                low.isFinite && high.isFinite && (high - low).isFinite && low <= high,
                "search_space['\(name)'] must have finite low ≤ high, got \(low) and \(high)")
            try require(
                !log || low > 0,
                "search_space['\(name)'] must have low > 0 on a logarithmic scale, got \(low)")
        }
        self.name = name
        self.domain = domain
    }

    /// The number of choices; nil for a range of reals.
    public var count: Int? {
        switch domain {
        case .categorical(let choices): choices.count
        case .integer(let low, let high, _): high - low + 1
        case .real(let low, let high, _): low == high ? 1 : nil
        }
    }

    /// The choice at `index` in `0..<count`; only for parameters that have a ``count``.
    public func choice(_ index: Int) -> Value {
        switch domain {
        case .categorical(let choices): choices[index]
        case .integer(let low, _, _): .integer(low + index)
        case .real(let low, _, _): .real(low)
        }
    }

    /// Where `value` stands among the choices; nil if it is none of them.
    public func index(of value: Value) -> Int? {
        switch domain {
        case .categorical(let choices): choices.firstIndex(of: value)
        case .integer(let low, let high, _):
            if case .integer(let number) = value, (low...high).contains(number) { number - low } else { nil }
        case .real: contains(value) ? 0 : nil
        }
    }

    public func contains(_ value: Value) -> Bool {
        switch (domain, value) {
        case (.categorical(let choices), _): choices.contains(value)
        case (.integer(let low, let high, _), .integer(let number)): low <= number && number <= high
        case (.real(let low, let high, _), .real(let number)): low <= number && number <= high
        default: false
        }
    }

    public func sample(using random: inout RandomStream) -> Value {
        switch domain {
        case .categorical(let choices): return choices[random.index(below: choices.count)]
        case .integer(let low, let high, let log):
            guard log else { return .integer(low + random.index(below: high - low + 1)) }
            // Each integer owns the stretch of half a unit on either side of it.
            let drawn = Self.logUniform(Double(low) - 0.5, Double(high) + 0.5, &random)
            return .integer(min(max(Int(drawn.rounded()), low), high))
        case .real(let low, let high, let log):
            let drawn =
                log
                ? Self.logUniform(low, high, &random) : low + (high - low) * random.uniform()
            return .real(min(max(drawn, low), high))
        }
    }

    private static func logUniform(
        _ low: Double, _ high: Double, _ random: inout RandomStream
    ) -> Double {
        low * exp(log(high / low) * random.uniform())
    }
}

extension Int {
    /// The number itself, except for the one whose absolute value does not exist.
    fileprivate var clamped: Int { self == .min ? .max : self }
}
