/// A record of saved state, read field by field with errors that say what is wrong.
struct Record {
    private let fields: [String: Value]
    private let name: String

    init(_ value: Value, _ name: String) throws(EngineError) {
        guard case .record(let fields) = value else {
            throw .invalidArgument("\(name) must be a record, got \(value)")
        }
        self.fields = fields
        self.name = name
    }

    func value(_ field: String) throws(EngineError) -> Value {
        guard let value = fields[field] else {
            throw .invalidArgument("\(name) must have the field '\(field)'")
        }
        return value
    }

    func list(_ field: String) throws(EngineError) -> [Value] {
        guard case .list(let values) = try value(field) else { throw wrong(field, "a list") }
        return values
    }

    func integer(_ field: String) throws(EngineError) -> Int {
        guard let number = try value(field).wholeNumber else { throw wrong(field, "an integer") }
        return number
    }

    /// A count of what has happened so far, far from overflow.
    func count(_ field: String) throws(EngineError) -> Int {
        let number = try integer(field)
        guard (0...1 << 53).contains(number) else { throw wrong(field, "in [0, 2⁵³]") }
        return number
    }

    func real(_ field: String) throws(EngineError) -> Double {
        guard let number = try value(field).number else { throw wrong(field, "a number") }
        return number
    }

    /// A number in (0, 1].
    func share(_ field: String) throws(EngineError) -> Double {
        let number = try real(field)
        guard number > 0, number <= 1 else { throw wrong(field, "in (0, 1]") }
        return number
    }

    func boolean(_ field: String) throws(EngineError) -> Bool {
        guard case .boolean(let flag) = try value(field) else { throw wrong(field, "a boolean") }
        return flag
    }

    /// A list of numbers, of `count` if that is given.
    func reals(_ field: String, count: Int? = nil) throws(EngineError) -> [Double] {
        let values = try list(field)
        let numbers = values.compactMap(\.number)
        guard numbers.count == values.count, numbers.count == count ?? numbers.count else {
            throw wrong(field, count.map { "a list of \($0) numbers" } ?? "a list of numbers")
        }
        return numbers
    }

    private func wrong(_ field: String, _ expected: String) -> EngineError {
        .invalidArgument("\(name)['\(field)'] must be \(expected)")
    }
}
