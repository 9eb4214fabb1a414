/// A choice, an option or a piece of saved state: the plain data that crosses every border.
///
/// Integers and reals are different values even when they are numerically equal, as in a Python
/// `dict` that is to be given back as it was received.
public enum Value: Hashable, Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case list([Value])
    case record([String: Value])
}

extension Value {
    /// The number behind an integer or a real.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value
        default: nil
        }
    }

    /// The integer, also where it was written as an integral real such as `2.0`.
    public var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .real(let value): Int(exactly: value)
        default: nil
        }
    }
}

extension Value: CustomStringConvertible {
    /// The value as Python would print it.
    public var description: String {
        switch self {
        case .none: "None"
        case .boolean(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .string(let value): "'\(value)'"
        case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .record(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { "'\($0.key)': \($0.value)" }
                .joined(separator: ", ") + "}"
        }
    }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
}
