#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The values that a parameter may have.
public enum Domain: Hashable, Sendable {
    /// Any of these values, none nearer to another; they need not be of one type.
    case categorical([Value])
    /// Any of these values, in an order that means something: widths, rates.
    case ordinal([Value])
    /// All integers in low…high, evenly drawn, on a logarithmic scale if `log`.
    case integer(low: Int, high: Int, log: Bool)
    /// All reals in low…high, evenly drawn, on a logarithmic scale if `log`.
    case real(low: Double, high: Double, log: Bool)

    /// Integer ranges reach at most this far from zero, so that their size fits into an `Int`.
    static let largestInteger = 1 << 53

    /// Throws if there is no choice, a choice stands twice, or a range is empty or not finite.
    func validate(_ label: String) throws(EngineError) {
        switch self {
        case .categorical(let choices), .ordinal(let choices):
            try require(!choices.isEmpty, "\(label) must have at least one choice, got none")
            var seen: Set<Value> = []
            for choice in choices {
                try require(
                    seen.insert(choice).inserted,
                    "\(label) must have different choices, got \(choice) twice")
            }
        case .integer(let low, let high, let log):
            try require(low <= high, "\(label) must have low ≤ high, got \(low) and \(high)")
            try require(
                abs(low.clamped) < Self.largestInteger && abs(high.clamped) < Self.largestInteger,
                "\(label) must stay within ±2⁵³, got \(low) and \(high)")
            try require(
                !log || low > 0, "\(label) must have low > 0 on a logarithmic scale, got \(low)")
        case .real(let low, let high, let log):
            try require(
                low.isFinite && high.isFinite && (high - low).isFinite && low <= high,
                "\(label) must have finite low ≤ high, got \(low) and \(high)")
            try require(
                !log || low > 0, "\(label) must have low > 0 on a logarithmic scale, got \(low)")
            try require(
                !log || (high / low).isFinite,
                "\(label) must have a finite high / low on a logarithmic scale, got \(low) and \(high)")
        }
    }

    /// The number of choices; nil for a range of reals.
    public var count: Int? {
        switch self {
        case .categorical(let choices), .ordinal(let choices): choices.count
        case .integer(let low, let high, _): high - low + 1
        case .real(let low, let high, _): low == high ? 1 : nil
        }
    }

    /// Whether there is nothing to choose.
    var isFixed: Bool { count == 1 }

    /// Whether the scale of a range is logarithmic.
    var isLogarithmic: Bool {
        switch self {
        case .integer(_, _, let log), .real(_, _, let log): log
        case .categorical, .ordinal: false
        }
    }

    /// Whether the choices have no order.
    var isNominal: Bool {
        if case .categorical = self { true } else { false }
    }

    /// The choice at `index` in `0..<count`; only for domains that have a ``count``.
    public func choice(_ index: Int) -> Value {
        switch self {
        case .categorical(let choices), .ordinal(let choices): choices[index]
        case .integer(let low, _, _): .integer(low + index)
        case .real(let low, _, _): .real(low)
        }
    }

    /// Where `value` stands among the choices; nil if it is none of them.
    public func index(of value: Value) -> Int? {
        switch self {
        case .categorical(let choices), .ordinal(let choices): choices.firstIndex(of: value)
        case .integer(let low, let high, _):
            if case .integer(let number) = value, (low...high).contains(number) { number - low } else { nil }
        case .real: contains(value) ? 0 : nil
        }
    }

    /// Whether it is one of the choices, or a number of the right kind in the range.
    public func contains(_ value: Value) -> Bool {
        switch (self, value) {
        case (.categorical(let choices), _), (.ordinal(let choices), _): choices.contains(value)
        case (.integer(let low, let high, _), .integer(let number)): low <= number && number <= high
        case (.real(let low, let high, _), .real(let number)): low <= number && number <= high
        default: false
        }
    }
}

// MARK: - Drawing

extension Domain {
    /// A value drawn evenly, on the scale where there is one.
    public func sample(using random: inout RandomStream) -> Value {
        switch self {
        case .categorical(let choices), .ordinal(let choices):
            return choices[random.index(below: choices.count)]
        case .integer(let low, let high, let log):
            return log
                ? value(atUnit: random.uniform())
                : .integer(low + random.index(below: high - low + 1))
        case .real: return value(atUnit: random.uniform())
        }
    }

    /// A value that is not `value`, unless there is no other: any other choice with equal probability,
    /// in ranges one that is about a fifth of the scale away.
    func other(than value: Value, using random: inout RandomStream) -> Value {
        switch self {
        case .categorical(let choices), .ordinal(let choices):
            guard choices.count > 1 else { return value }
            let drawn = random.index(below: choices.count - 1)
            return choices[drawn >= index(of: value) ?? choices.count ? drawn + 1 : drawn]
        case .integer, .real:
            guard !isFixed else { return value }
            let centre = unit(of: value)
            for _ in 0..<Self.tries {
                let step = self.value(atUnit: Self.reflected(centre + 0.2 * random.normal()))
                if step != value { return step }
            }
            // A step of 0.2 in so narrow a range stays where it is only by bad luck.
            return value == self.value(atUnit: 0) ? self.value(atUnit: 1.0.nextDown) : self.value(atUnit: 0)
        }
    }

    private static let tries = 100

    /// A number of [−1, 2] put back into [0, 1) at its ends.
    static func reflected(_ number: Double) -> Double {
        let folded = number < 0 ? -number : number > 1 ? 2 - number : number
        return min(max(folded, 0), 1.0.nextDown)
    }
}

// MARK: - The unit scale

extension Domain {
    /// The place of `value` on a scale from 0 to 1 on which the values are drawn evenly; each of several
    /// choices owns an equal stretch, and its place is the middle of that.
    func unit(of value: Value) -> Double {
        switch self {
        case .categorical(let choices), .ordinal(let choices):
            return (Double(index(of: value) ?? 0) + 0.5) / Double(choices.count)
        case .integer(let low, let high, let isLog):
            let number = value.number ?? Double(low)
            let (start, end) = (Double(low) - 0.5, Double(high) + 0.5)
            return isLog ? log(number / start) / log(end / start) : (number - start) / (end - start)
        case .real(let low, let high, let isLog):
            let number = value.number ?? low
            if low == high { return 0.5 }
            return isLog ? log(number / low) / log(high / low) : (number - low) / (high - low)
        }
    }

    /// The value at a place in [0, 1); the inverse of ``unit(of:)``.
    func value(atUnit unit: Double) -> Value {
        switch self {
        case .categorical(let choices), .ordinal(let choices):
            return choices[min(Int(unit * Double(choices.count)), choices.count - 1)]
        case .integer(let low, let high, let isLog):
            // Each integer owns the stretch of half a unit on either side of it.
            let (start, end) = (Double(low) - 0.5, Double(high) + 0.5)
            let number = isLog ? start * exp(log(end / start) * unit) : start + (end - start) * unit
            return .integer(min(max(Int(number.rounded()), low), high))
        case .real(let low, let high, let isLog):
            let number = isLog ? low * exp(log(high / low) * unit) : low + (high - low) * unit
            return .real(min(max(number, low), high))
        }
    }
}

extension Int {
    /// The number itself, except for the one whose absolute value does not exist.
    fileprivate var clamped: Int { self == .min ? .max : self }
}
