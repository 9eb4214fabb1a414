import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A request to stop, shared between whoever asks and the trainings that obey.
///
/// Trainings look at it before every block of rows, and before every layer of a block where those are
/// large. A `poll` closure, if given, is called from the training thread at most once an interval, the first
/// time an interval after the start, and may request the stop itself: that is how an extension asks its host
/// whether the user pressed Ctrl-C.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let nextPoll: Atomic<UInt64>
    private let parent: Cancellation?
    private let poll: (@Sendable () -> Bool)?

    /// Nanoseconds between two calls of `poll`: short beside the half second within which Ctrl-C acts.
    static let pollInterval: UInt64 = 50_000_000

    /// A cancellation that also obeys `parent`.
    /// - Parameter poll: returns true to cancel.
    public init(parent: Cancellation? = nil, poll: (@Sendable () -> Bool)? = nil) {
        self.parent = parent
        self.poll = poll
        nextPoll = Atomic(poll == nil ? 0 : Clock.nanoseconds + Self.pollInterval)
    }

    /// Requests the stop; there is no way back.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    /// Whether the stop was requested so far, here or at the parent; nobody is asked.
    var isRequested: Bool { flag.load(ordering: .relaxed) || parent?.isRequested == true }

    /// Whether the stop was requested, here or at the parent.
    public var isCancelled: Bool {
        if flag.load(ordering: .relaxed) || parent?.isCancelled == true { return true }
        guard let poll else { return false }
        let now = Clock.nanoseconds
        guard now >= nextPoll.load(ordering: .relaxed) else { return false }
        nextPoll.store(now + Self.pollInterval, ordering: .relaxed)
        if poll() { cancel() }
        return flag.load(ordering: .relaxed)
    }
}

/// The machine's monotonic clock.
enum Clock {
    /// Nanoseconds since an arbitrary start.
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
