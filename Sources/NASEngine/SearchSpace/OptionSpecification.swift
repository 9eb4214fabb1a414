/// One setting of a registered part (a strategy, an optimizer): its name, default, domain and meaning.
///
/// The specification is the only place where these facts stand. Validation, the Python classes with
/// their docstrings and the documentation's tables are made from it.
public struct OptionSpecification: Sendable {
    /// The type and range of an option.
    public enum Domain: Sendable, Equatable {
        case boolean
        case integer(ClosedRange<Int>)
        /// Reals of the range, without its bounds where these are marked open.
        case real(ClosedRange<Double>, openLow: Bool = false, openHigh: Bool = false)
        case choice([String])
    }

    public let name: String
    public let defaultValue: Value
    public let domain: Domain
    public let summary: String

    public init(_ name: String, _ defaultValue: Value, _ domain: Domain, _ summary: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.domain = domain
        self.summary = summary
    }

    /// The same setting under another name.
    func named(_ name: String) -> OptionSpecification {
        OptionSpecification(name, defaultValue, domain, summary)
    }

    /// What is allowed, as it follows "must be": `an integer ≥ 2`, `in [0, 1)`.
    public var requirement: String {
        switch domain {
        case .boolean: return "a boolean"
        case .choice(let names): return "one of " + names.map { "'\($0)'" }.joined(separator: ", ")
        case .integer(let range):
            return range.upperBound == .max
                ? "an integer ≥ \(range.lowerBound)"
                : "an integer in [\(range.lowerBound), \(range.upperBound)]"
        case .real(let range, let openLow, let openHigh):
            let low = Self.short(range.lowerBound)
            if range.upperBound == .infinity { return "a finite number \(openLow ? ">" : "≥") \(low)" }
            return "in \(openLow ? "(" : "[")\(low), "
                + "\(Self.short(range.upperBound))\(openHigh ? ")" : "]")"
        }
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    /// `value` in the type of the domain, or an error that names the option.
    public func validated(_ value: Value) throws(EngineError) -> Value {
        switch (domain, value) {
        case (.boolean, .boolean): return value
        case (.choice(let names), .string(let name)) where names.contains(name): return value
        case (.integer(let range), _):
            if let number = value.wholeNumber, range.contains(number) { return .integer(number) }
        case (.real(let range, let openLow, let openHigh), _):
            if let number = value.number, number.isFinite, range.contains(number),
                !(openLow && number == range.lowerBound), !(openHigh && number == range.upperBound)
            {
                return .real(number)
            }
        default: break
        }
        throw .invalidArgument("\(name) must be \(requirement), got \(value)")
    }
}

/// The validated settings of one part: every option of its specification has a value here.
public struct Options: Sendable {
    private let specifications: [OptionSpecification]
    /// In the order of the specifications.
    private let values: [Value]

    /// Checks `given` against `specifications` and fills in the defaults.
    /// - Parameter owner: named in the error about an unknown option.
    public init(
        _ given: some Collection<(key: String, value: Value)>,
        for specifications: [OptionSpecification], of owner: String
    ) throws(EngineError) {
        var values = specifications.map(\.defaultValue)
        var unknown: [String] = []
        for (name, value) in given {
            if let index = specifications.firstIndex(where: { $0.name == name }) {
                values[index] = try specifications[index].validated(value)
            } else {
                unknown.append(name)
            }
        }
        if let name = unknown.min() {
            let known = specifications.map(\.name).joined(separator: ", ")
            throw .invalidArgument("\(owner) has no option '\(name)'; it has: \(known)")
        }
        self.specifications = specifications
        self.values = values
    }

    private subscript(name: String) -> Value {
        guard let index = specifications.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no option \(name)")
        }
        return values[index]
    }

    public subscript(boolean name: String) -> Bool { self[name] == .boolean(true) }

    public subscript(integer name: String) -> Int {
        guard let number = self[name].wholeNumber else { preconditionFailure("no integer option \(name)") }
        return number
    }

    public subscript(real name: String) -> Double {
        guard let number = self[name].number else { preconditionFailure("no real option \(name)") }
        return number
    }

    /// Nil where the option was left at its default of none.
    public subscript(optionalReal name: String) -> Double? { self[name].number }

    /// Nil where the option was left at its default of none.
    public subscript(optionalInteger name: String) -> Int? { self[name].wholeNumber }

    public subscript(string name: String) -> String {
        guard case .string(let text) = self[name] else { preconditionFailure("no text option \(name)") }
        return text
    }
}
