import Synchronization
import Testing

@testable import NASEngine

@Suite struct LazyTests {
    @Test func makesItsValueOnceAndNotBefore() {
        let calls = Counter()
        let lazy = Lazy { calls.next() }
        #expect(calls.count == 0)
        #expect(lazy.value == 1)
        #expect(lazy.value == 1)
        #expect(calls.count == 1)
    }

    /// Whoever asks while another thread makes it does not wait, and gets an equal one.
    @Test func makesAnotherForWhoAsksMeanwhile() {
        let calls = Counter()
        let holder = Mutex<Lazy<[Int]>?>(nil)
        let lazy = Lazy { () -> [Int] in
            if calls.next() == 1, let own = holder.withLock({ $0 }) { return own.value }
            return [7]
        }
        holder.withLock { $0 = lazy }
        #expect(lazy.value == [7])
        #expect(lazy.value == [7])
        #expect(calls.count == 2)
        holder.withLock { $0 = nil }
    }
}

private final class Counter: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func next() -> Int { number.add(1, ordering: .relaxed).newValue }
}
