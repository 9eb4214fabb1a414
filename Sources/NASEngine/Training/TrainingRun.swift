import CMachine

/// A training that can pause after any epoch and go on later, bit for bit as if it had not paused.
///
/// The outcome of ``advance(to:threads:rule:cancellation:)`` is a function of candidate, data, settings,
/// initial parameters, epochs and rule: neither pauses nor threads nor rules of earlier calls change it, and
/// a paused training may as well be forgotten and begun again. Used by one caller at a time.
public final class TrainingRun {
    public let candidate: Candidate
    public let settings: TrainingSettings
    private let dataset: Dataset
    /// The rows that are trained on.
    private let train: Batch
    /// Until the first step, and where it may have to begin again.
    private var initialParameters: [[Float]]?

    private var random: TrainingRandom
    /// Epochs done.
    public private(set) var epoch = 0
    private var losses: [Double] = []
    /// The validations at the multiples of the settings' interval so far.
    private var validations: [Validation] = []
    private var leastLoss = Double.infinity
    /// Whether the next step, or the validation after the last, gave no finite loss.
    private var isDiverged = false
    /// Whether that step was not the first of its epoch, so that the parameters are no longer those after ``epoch``.
    private var isTorn = false
    /// Whether it was cancelled in the middle of an epoch, after which nothing can follow.
    private var isCancelled = false

    /// What works; nil before the first epoch and in a pause.
    private var running: Running?
    /// What is kept of it in a pause.
    private var paused: Checkpoint?
    /// The parameters at the best of ``validations``, as they lie in a plan; empty if not kept.
    private var best: [Float] = []
    private let keepsBest: Bool
    /// Where plans come from and go to.
    var pool = PlanPool.shared
    /// Whether the outcome is that of ``best``.
    private var isBest = false

    private struct Running {
        let plan: TrainingPlan
        let optimizer: OptimizerState
        let masks: DropoutMasks
        let batches: MiniBatches
    }

    private struct Checkpoint {
        let parameters: [Float]
        let optimizer: OptimizerState.Memory
    }

    /// A training before its first epoch; takes no memory to speak of.
    ///
    /// - Parameters:
    ///   - initialParameters: as in ``train(_:on:settings:initialParameters:keepModel:cancellation:)``.
    ///   - keepsBest: whether ``model()`` is wanted, which needs a copy of the parameters if there is patience.
    public init(
        _ candidate: Candidate, on dataset: Dataset, settings: TrainingSettings,
        initialParameters: [[Float]]? = nil, keepsBest: Bool = true
    ) throws(EngineError) {
        try settings.check()
        try candidate.check(dataset, settings.generator)
        self.candidate = candidate
        self.dataset = dataset
        self.settings = settings
        self.initialParameters = initialParameters
        self.keepsBest = keepsBest && settings.patience != nil
        train = dataset.train.prefix(settings.rows(of: dataset.train.rows))
        random = TrainingRandom(kind: settings.generator, seed: settings.seed)
        try require(
            train.weightSum > 0,
            "\(dataset.trainWeights?.name ?? "weights") must not be all 0 in the first "
                + "\(train.rows) rows")
        try require(
            batchRows == train.rows || train.rows <= MiniBatches.largestCount,
            "batch_size needs at most \(MiniBatches.largestCount) rows, got \(train.rows)")
    }

    /// Rows of a step; the last one of an epoch may have fewer.
    private var batchRows: Int { MiniBatches.rows(of: train.rows, size: candidate.batchSize) }

    /// Trains until `target` epochs are done in all, or the rule says stop, and validates.
    ///
    /// - Parameters:
    ///   - target: at most the settings' epochs and at least those that are done.
    ///   - threads: instead of the settings'.
    ///   - rule: applies to all validations before `target`, also to those of earlier calls.
    public func advance(
        to target: Int, threads: Int? = nil, rule: StoppingRule = StoppingRule(),
        cancellation: Cancellation? = nil
    ) throws(EngineError) -> Outcome {
        let start = Clock.nanoseconds
        try require(
            target >= max(1, epoch) && target <= settings.epochs,
            "epochs must be in [\(max(1, epoch)), \(settings.epochs)], got \(target)")
        let threads = threads ?? settings.threads
        try require(threads >= 1, "threads must be ≥ 1, got \(threads)")
        try rule.check(settings)
        var stopping = EarlyStopping(rule, settings)
        isBest = false
        func outcome(_ status: Outcome.Status, _ last: Validation? = nil) -> Outcome {
            summary(status, last ?? Validation(epoch: target, loss: .infinity), stopping, start: start)
        }
        for point in validations where stopping.stops(point) && point.epoch < target {
            return outcome(.stopped, point)
        }
        if isCancelled { return outcome(.cancelled) }
        if isDiverged, target > epoch || validations.count < epoch / interval {
            return outcome(.diverged)
        }
        if isTorn { beginAgain() }

        let mode = nas_machine_flush_denormals()
        defer { nas_machine_restore_denormals(mode) }
        let running = try resumed(threads: threads, epochs: target - epoch)
        defer { running.plan.endThreads() }
        losses.reserveCapacity(min(target, 1 << 20))
        validations.reserveCapacity(min(target / interval, 1 << 20))
        while epoch < target {
            switch step(running, cancellation) {
            case .done: break
            case .cancelled: return outcome(.cancelled)
            case .diverged: return outcome(.diverged)
            }
            if isDue, let last = validations.last, stopping.stops(last), epoch < target {
                return outcome(.stopped, last)
            }
        }
        if isDue { return outcome(.ok, validations.last) }
        guard let last = validate(running, cancellation) else { return outcome(.cancelled) }
        return last.loss.isFinite ? outcome(.ok, last) : outcome(.diverged)
    }

    /// Keeps nothing but a copy of the parameters and what the optimizer remembers; the next training gets the memory.
    public func pause() {
        guard let running else { return }
        paused = Checkpoint(
            parameters: running.plan.parameterCopy, optimizer: running.optimizer.memory)
        pool.give(running.plan)
        self.running = nil
    }

    deinit {
        if let running { pool.give(running.plan) }
    }

    /// The network as the last outcome validated it: with patience, that of the best validation.
    ///
    /// Where a stricter rule stopped it before the epochs that it has behind it, it is that of the last one.
    public func model() throws(EngineError) -> Model {
        if isTorn {
            let done = epoch
            beginAgain()
            if done > 0 { _ = try advance(to: done) }
        }
        let plan = try resumed(threads: 1, epochs: 0).plan
        return try Model(
            candidate: candidate,
            values: isBest ? plan.exportParameters(from: best) : plan.exportParameters())
    }

    /// Bytes that it holds, the data not counted.
    public var byteCount: Int {
        var floats = best.count + 640
        if let running {
            floats += candidate.byteCount(running.plan.layout, lanes: running.plan.lanes.count) / 4
            floats += batchFloats + running.masks.floats
        }
        floats += (initialParameters ?? []).reduce(0) { $0 + $1.count }
        if let paused { floats += paused.parameters.count + paused.optimizer.moments.count }
        return floats * 4 + losses.count * 8
            + validations.count * MemoryLayout<Validation>.stride
    }
}

// MARK: - Steps

extension TrainingRun {
    private enum Step { case done, diverged, cancelled }

    /// Epochs from one validation to the next; beyond all epochs if there is none.
    private var interval: Int { settings.validationInterval ?? .max }

    /// Whether the last step was one that a validation follows.
    private var isDue: Bool { epoch > 0 && epoch % interval == 0 }

    /// One epoch, and the validation if it is due.
    private func step(_ running: Running, _ cancellation: Cancellation?) -> Step {
        let count = running.batches.count
        running.batches.shuffle(epoch: epoch)
        var total = 0.0
        for index in 0..<count {
            let batch = running.batches.batch(index)
            let dropout = running.masks.draw(
                step: epoch &* count &+ index, rows: batch.rows, &random)
            guard
                let loss = running.plan.gradient(
                    batch, dataset.loss, dropout: dropout, cancellation: cancellation)
            else {
                isCancelled = true
                return .cancelled
            }
            guard loss.isFinite else {
                losses.append(loss)
                isDiverged = true
                isTorn = index > 0
                return .diverged
            }
            total += count == 1 ? loss : loss * (batch.weightSum / train.weightSum)
            running.optimizer.update(running.plan)
        }
        losses.append(total)
        epoch += 1
        guard isDue else { return .done }
        guard let point = validate(running, cancellation) else { return .cancelled }
        guard point.loss.isFinite else {
            isDiverged = true
            return .diverged
        }
        if keepsBest, point.loss < leastLoss { keep(running.plan) }
        leastLoss = min(leastLoss, point.loss)
        validations.append(point)
        return .done
    }

    private func validate(_ running: Running, _ cancellation: Cancellation?) -> Validation? {
        guard
            let quality = running.plan.evaluate(
                dataset.validation, dataset.loss, cancellation: cancellation)
        else {
            isCancelled = true
            return nil
        }
        return Validation(epoch: epoch, loss: quality.loss, accuracy: quality.accuracy)
    }

    /// Takes the plan's parameters as those of the best validation.
    private func keep(_ plan: TrainingPlan) {
        if best.isEmpty {
            best = plan.parameterCopy
        } else {
            best.withUnsafeMutableBufferPointer {
                $0.baseAddress?.update(from: plan.parameters, count: $0.count)
            }
        }
    }

    /// What works, for so many threads and further epochs; it goes on from the pause if there was one.
    private func resumed(threads: Int, epochs: Int) throws(EngineError) -> Running {
        let threads = usefulThreads(threads, epochs: epochs)
        let lanes = PlanLayout.lanes(threads: threads, rows: batchRows)
        if let running, running.plan.lanes.count == lanes || epochs == 0 { return running }
        pause()
        let plan = try newPlan(threads: threads, lanes: lanes)
        let optimizer = try OptimizerState(
            candidate.optimizer, candidate.optimizerSettings, range: 0..<plan.layout.weightCount)
        var drawn = random
        if let paused {
            plan.restoreParameters(paused.parameters)
            optimizer.restore(paused.optimizer)
        } else {
            try plan.initialize(candidate.initializer, &drawn)
            if let initialParameters { try plan.importParameters(initialParameters) }
        }
        let running = Running(
            plan: plan, optimizer: optimizer,
            masks: try DropoutMasks(plan, rows: batchRows, drawn),
            batches: try MiniBatches(
                train, size: candidate.batchSize, inputWidth: dataset.inputWidth,
                targetWidth: dataset.trainTargets.columns, seed: settings.seed))
        // Nothing is given up before all memory is there.
        random = drawn
        if batchRows == train.rows { initialParameters = nil }
        paused = nil
        self.running = running
        return running
    }

    /// Forgets all epochs: the parameters after them are lost.
    private func beginAgain() {
        if let running { pool.give(running.plan) }
        (running, paused, best) = (nil, nil, [])
        random = TrainingRandom(kind: settings.generator, seed: settings.seed)
        (epoch, losses, validations, leastLoss) = (0, [], [], .infinity)
        (isDiverged, isTorn) = (false, false)
    }

    /// A plan as new, perhaps one that an earlier training has used.
    private func newPlan(threads: Int, lanes: Int) throws(EngineError) -> TrainingPlan {
        let key = PlanPool.Key(candidate, rows: batchRows)
        if lanes == 1, let plan = pool.take(key) { return plan }
        let layout = PlanLayout(candidate.network, rows: batchRows, purpose: .training)
        let masks = random.recordsMasks ? DropoutMasks.floats(layout, rows: batchRows) : 0
        try Machine.checkMemory(candidate.byteCount(layout, lanes: lanes) + 4 * (batchFloats + masks))
        return try TrainingPlan(
            candidate.network, layout, rows: batchRows, threads: threads, poolKey: key)
    }

    /// Floats that the mini-batches take.
    private var batchFloats: Int {
        candidate.batchFloats(rows: train.rows, targetWidth: dataset.trainTargets.columns)
    }

    /// Threads that have enough work each to be worth their start and their waiting for each other.
    private func usefulThreads(_ threads: Int, epochs: Int) -> Int {
        // The candidate's network need not be built for that.
        guard threads > 1 else { return 1 }
        let work = Double(min(epochs, 100)) * Double(train.rows) * Double(candidate.flops)
        return max(1, min(threads, Int(min(work / 3e6, 1024))))
    }

    /// The outcome of the epochs up to the validation `last`.
    private func summary(
        _ status: Outcome.Status, _ last: Validation, _ stopping: EarlyStopping, start: UInt64
    ) -> Outcome {
        let epochs = last.epoch
        var curve: [Validation] = []
        if settings.validationInterval != nil {
            curve = Array(validations.prefix(epochs / interval))
            if last.loss.isFinite, epochs % interval != 0 { curve.append(last) }
        }
        var value = last
        if settings.patience != nil, last.loss.isFinite, let least = stopping.best,
            least.loss <= last.loss, least.epoch < epochs
        {
            value = least
            isBest = keepsBest
        }
        return Outcome(
            status: status,
            trainingLosses: last.loss.isFinite ? Array(losses.prefix(epochs)) : losses,
            validationLoss: value.loss, validationAccuracy: value.accuracy, epochs: value.epoch,
            validations: curve,
            // The candidate would build its network for them.
            parameterCount: running?.plan.parameterCount ?? candidate.parameterCount,
            flops: running?.plan.flops ?? candidate.flops,
            wallSeconds: Double(Clock.nanoseconds - start) * 1e-9)
    }
}
