import CMachine
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Threads that work on one training together, each on a lane of its own; lane 0 is the caller.
///
/// The threads live as long as the team. Whoever waits spins for ``Gate/spins`` pauses, as the phases of
/// a training are short, and sleeps after that.
final class LaneTeam {
    private let shared: Shared
    private var threads: [pthread_t] = []

    /// What the threads see of the team.
    private final class Shared: Sendable {
        let work: @Sendable (Int) -> Void
        /// Counts the phases; −1 ends the threads.
        let phase = Gate()
        /// Counts the lanes that have finished a phase.
        let finished = Gate()

        init(_ work: @escaping @Sendable (Int) -> Void) { self.work = work }
    }

    private final class Start {
        let shared: Shared
        let lane: Int

        init(_ shared: Shared, _ lane: Int) {
            self.shared = shared
            self.lane = lane
        }
    }

    private let lanes: Int
    private var phase = 0

    /// - Parameter work: what a lane does in each phase.
    init(lanes: Int, work: @escaping @Sendable (Int) -> Void) {
        self.lanes = lanes
        shared = Shared(work)
        // The host's signals are for the host's threads.
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        for lane in 1..<lanes {
            let start = Unmanaged.passRetained(Start(shared, lane))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { (context: UnsafeMutableRawPointer?) in
                    guard let context else { return nil }
                    LaneTeam.serve(Unmanaged<Start>.fromOpaque(context).takeRetainedValue())
                    return nil
                }, start.toOpaque())
            guard status == 0 else {
                start.release()
                break
            }
            threads.append(thread)
        }
    }

    deinit {
        shared.phase.set(-1)
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Runs one phase in all lanes; returns when all have finished. Lanes that no thread could be had
    /// for are the caller's.
    func run() {
        shared.finished.set(0)
        phase += 1
        shared.phase.set(phase)
        shared.work(0)
        for lane in threads.count + 1..<max(lanes, threads.count + 1) { shared.work(lane) }
        shared.finished.wait { [threads] in $0 == threads.count }
    }

    private static func serve(_ start: Start) {
        let shared = start.shared
        let mode = nas_machine_flush_denormals()
        defer { nas_machine_restore_denormals(mode) }
        var last = 0
        while true {
            last = shared.phase.wait { $0 != last }
            guard last >= 0 else { return }
            shared.work(start.lane)
            shared.finished.add(1)
        }
    }
}

/// A number that threads wait for.
private final class Gate: @unchecked Sendable {
    // Unchecked: the number is atomic, lock and condition are made for sharing.
    private let value = Atomic<Int>(0)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Pauses of the processor before sleeping.
    private static let spins = 500

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func set(_ new: Int) {
        value.store(new, ordering: .sequentiallyConsistent)
        wake()
    }

    func add(_ number: Int) {
        value.add(number, ordering: .sequentiallyConsistent)
        wake()
    }

    /// Taking the lock makes sure that no waiter is between its last look and its sleep.
    private func wake() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Returns the first number that `condition` holds for.
    @discardableResult
    func wait(until holds: (Int) -> Bool) -> Int {
        for _ in 0..<Self.spins {
            let now = value.load(ordering: .acquiring)
            if holds(now) { return now }
            nas_machine_pause()
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            let now = value.load(ordering: .acquiring)
            if holds(now) { return now }
            pthread_cond_wait(condition, mutex)
        }
    }
}
