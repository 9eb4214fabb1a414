import CMachine
import Synchronization
import Testing

@testable import NASEngine

@Suite struct LaneTeamTests {
    @Test(arguments: [1, 2, 5]) func everyLaneWorksOnceAPhase(lanes: Int) {
        let counts = (0..<lanes).map { _ in Counter() }
        let team = LaneTeam(lanes: lanes) { lane in counts[lane].number.add(1, ordering: .relaxed) }
        for phase in 1...300 {
            team.run()
            // All have finished when the phase returns.
            #expect(counts.allSatisfy { $0.number.load(ordering: .relaxed) == phase })
        }
    }

    private final class Counter: Sendable {
        let number = Atomic<Int>(0)
    }
}

@Suite struct TryLockedTests {
    @Test func whoFindsItInUseGoesWithout() {
        let count = TryLocked(1)
        let inner = count.use { outer -> Int? in
            outer += 1
            return count.use { $0 }
        }
        #expect(inner == .some(nil))
        #expect(count.use { $0 } == 2)
    }
}

@Suite struct ArenaTests {
    @Test func reusedMemoryIsZeroedWhereAskedFor() throws {
        for _ in 0..<3 {
            let arena = try Arena(floats: 100_000, zeroed: 50_000)
            #expect((0..<50_000).allSatisfy { arena.base[$0] == 0 })
            #expect(Int(bitPattern: arena.base) % Arena.alignment == 0)
            arena.base.update(repeating: .nan, count: 100_000)
        }
    }

    @Test func moreThanTheMachineHasIsAnError() {
        #expect(throws: EngineError.self) { try Arena(floats: 1 << 50, zeroed: 0) }
    }
}

@Suite struct DenormalTests {
    @Test func areZeroInTrainingsOnly() {
        // Read anew each time, or the compiler would do the multiplication.
        func product() -> Float { opaque(1e-30) * opaque(1e-10) }
        let mode = nas_machine_flush_denormals()
        let during = product()
        nas_machine_restore_denormals(mode)
        #expect(during == 0)
        #expect(product() > 0)
    }

    @inline(never)
    private func opaque(_ number: Float) -> Float { number }
}
