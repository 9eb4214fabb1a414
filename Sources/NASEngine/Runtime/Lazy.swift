/// A value that is made when it is first asked for.
final class Lazy<Value: Sendable>: Sendable {
    private let made = TryLocked<Value?>(nil)
    private let make: @Sendable () -> Value

    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    /// While one thread makes it, others make their own.
    var value: Value {
        let shared = made.use { made -> Value in
            if let made { return made }
            let value = make()
            made = value
            return value
        }
        return shared ?? make()
    }
}
