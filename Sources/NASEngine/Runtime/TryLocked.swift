import Synchronization

/// A value that one thread at a time may use; who finds it in use goes without.
///
/// Safe in a forked child, where whoever had it may not exist. `Mutex` is not: on Linux its threads are known by
/// numbers that they remember from before the fork, and as soon as two of them meet, the system finds that the owner
/// has another number, which ends the process.
final class TryLocked<Value>: @unchecked Sendable {
    // Unchecked: the flag lets one thread at a time at the value.
    private let isInUse = Atomic(false)
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    /// What `body` makes of the value; nil, at once, if it is in use.
    func use<Result>(_ body: (inout Value) -> Result) -> Result? {
        guard isInUse.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return nil
        }
        defer { isInUse.store(false, ordering: .releasing) }
        return body(&value)
    }
}
