import NASKernelInterface

/// A network compiled to one arena and a list of instructions, run over the data block by block.
///
/// With several lanes, as many blocks are worked on at once, each by a thread with buffers of its own. Their
/// gradients are then added up in the order of the blocks, as a single lane does it: so the number of
/// lanes does not change a bit of any result.
///
/// A plan is used by one caller at a time. Running it allocates nothing.
final class TrainingPlan {
    let network: Network
    let layout: PlanLayout
    private let arena: Arena
    let lanes: [Lane]
    /// Every tensor with its place in ``parameters``, in the network's order.
    let tensors: [(tensor: ParameterTensor, offset: Int)]
    /// Floats from one row of the prediction to the next.
    let predictionStride: Int
    // The network's own, counted once: every training asks for the first two, every block for the others.
    /// Trainable numbers.
    let parameterCount: Int
    /// Floating-point operations of one row's forward pass; multiply and add count as two.
    let flops: Int
    private let inputWidth: Int
    private let outputWidth: Int
    /// Whether a block's forward pass takes more than 20 million operations.
    private let isHeavy: Bool
    /// The first node with parameters of the architecture.
    private let firstOfArchitecture: Int
    /// Under what ``PlanPool`` keeps it; nil if it does not.
    let poolKey: PlanPool.Key?
    /// The threads of the lanes, while there is work for them.
    private var team: LaneTeam?
    private var phase: Phase?

    /// What a thread needs to run the network over a block.
    struct Lane {
        let instructions: InstructionList
        let prediction: UnsafeMutablePointer<Float>
        let predictionGradient: UnsafeMutablePointer<Float>?
        /// The loss of the lane's last block and, where there was no backward pass, the rows whose class was
        /// predicted right.
        let sums: UnsafeMutablePointer<Double>
    }

    /// Which gradients a pass is to compute.
    enum Gradients { case none, architecture, all }

    /// What all lanes do at once.
    enum Phase {
        /// Forward and, if wanted, backward over the lane's block of a round.
        case blocks(Round)
        /// Adds the other lanes' gradients of the parameters to those of the first, a share each.
        case sum(Round)
        case optimizer(OptimizerStep)
    }

    // Whoever starts a phase waits for its end and keeps what it needs: to count references to that again and again
    // would take as long as a small network.

    /// A step of the optimizer.
    struct OptimizerStep {
        unowned(unsafe) let optimizer: OptimizerState
    }

    /// As many blocks as there are lanes, one each.
    struct Round {
        let data: Batch
        /// The first block's first row.
        let first: Int
        let dropout: DropoutDraw?
        let loss: any Loss.Type
        let wanted: Gradients
        unowned(unsafe) let cancellation: Cancellation?
    }

    /// - Parameters:
    ///   - rows: rows of the data it will mostly run on; it sets the block size, any other number of
    ///     rows works too.
    ///   - threads: at most so many lanes, no more than there are blocks.
    convenience init(
        _ network: Network, rows: Int, purpose: PlanLayout.Purpose, threads: Int = 1
    ) throws(EngineError) {
        let network = try network.fused()
        try self.init(
            network, PlanLayout(network, rows: rows, purpose: purpose), rows: rows,
            threads: threads)
    }

    /// A plan with the layout of the same network and rows.
    init(
        _ network: Network, _ layout: PlanLayout, rows: Int, threads: Int, poolKey: PlanPool.Key? = nil
    ) throws(EngineError) {
        let count = PlanLayout.lanes(threads: threads, rows: rows)
        // Two sums per lane, 64 bytes apart, behind everything else.
        let sums = layout.total(lanes: count)
        let arena = try Arena(floats: sums + count * Panels.width, zeroed: 0)
        guard let last = layout.nodes.last, let values = last.values else {
            throw .invalidArgument("a network must have a layer after its input")
        }
        self.network = network
        self.layout = layout
        self.poolKey = poolKey
        self.arena = arena
        tensors = zip(network.nodes, layout.nodes).flatMap { node, place in
            zip(node.parameters, place.parameters).map { ($0, $1) }
        }
        parameterCount = network.parameterCount
        flops = network.flops
        isHeavy = flops * layout.blockRows > 20_000_000
        inputWidth = network.inputWidth
        outputWidth = network.outputWidth
        predictionStride = network.nodes.last?.operation is LinearColumn ? 1 : Panels.width
        firstOfArchitecture =
            network.nodes.firstIndex { $0.parameters.contains { $0.group == .architecture } } ?? 0
        lanes = (0..<count).map { lane in
            let base = arena.base + layout.start(ofLane: lane)
            return Lane(
                instructions: InstructionList(
                    Self.instructions(
                        network, layout, shared: arena.base, lane: base,
                        gradients: arena.base + layout.gradients(ofLane: lane, of: count))),
                prediction: base + values, predictionGradient: last.gradient.map { base + $0 },
                sums: UnsafeMutableRawPointer(arena.base + sums + lane * Panels.width)
                    .bindMemory(to: Double.self, capacity: 2))
        }
        clear()
    }

    /// Makes it as new: parameters and gradients are zero, also beyond the columns, where nobody writes them.
    func clear() {
        parameters.update(repeating: 0, count: layout.gradients + layout.parameterCount)
        let others = layout.start(ofLane: lanes.count)
        (arena.base + others).update(repeating: 0, count: layout.total(lanes: lanes.count) - others)
    }

    /// Bytes of its memory.
    var byteCount: Int { arena.byteCount }

    /// The team belongs to the plan and ends before it, so that its threads need no reference.
    private struct UnownedPlan {
        unowned let plan: TrainingPlan
    }

    private static func instructions(
        _ network: Network, _ layout: PlanLayout, shared: UnsafeMutablePointer<Float>,
        lane: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>
    ) -> [any Instruction] {
        let consumers = network.consumerCounts
        /// The nodes whose only reader can do what `does` says.
        func nodes(whoseReader does: (any Operation) -> Bool) -> [Bool] {
            var result = [Bool](repeating: false, count: network.nodes.count)
            for node in network.nodes where does(node.operation) {
                for input in node.inputs { result[input] = consumers[input] == 1 }
            }
            return result
        }
        let differentiated = nodes { $0.differentiatesInputs }
        let joined = nodes { $0.joinsOneInputLayer }
        var makesZeros: [Bool] = []
        var result: [any Instruction] = []
        for (index, node) in network.nodes.enumerated() {
            makesZeros.append(node.operation.makesZeros ?? node.inputs.contains { makesZeros[$0] })
            func wire(_ node: Int, accumulate: Bool) -> Site.Wire {
                Site.Wire(
                    width: network.nodes[node].shape.elementCount,
                    values: layout.nodes[node].values.map { lane + $0 },
                    gradient: layout.nodes[node].gradient.map { lane + $0 }, accumulate: accumulate,
                    makesZeros: makesZeros[node])
            }
            let place = layout.nodes[index]
            let inputs = node.inputs.enumerated().map { position, input in
                var source = wire(
                    input,
                    accumulate: layout.purpose == .training && place.accumulates[position])
                if differentiated[input] { source.activation = result[input].outputActivation }
                if joined[input] { source.oneInputLayer = result[input].oneInputLayer }
                return source
            }
            var output = wire(index, accumulate: false)
            output.isDifferentiatedByReader = differentiated[index]
            output.isJoinedToReader = joined[index]
            result.append(
                node.operation.instruction(
                    Site(
                        inputs: inputs, output: output,
                        parameters: place.parameters.map { offset in
                            Site.Parameter(
                                values: shared + offset,
                                gradient: layout.purpose == .training
                                    ? gradients + offset : nil)
                        },
                        sharedScratch: shared + place.sharedScratch,
                        blockScratch: lane + place.blockScratch,
                        workingSpace: lane + layout.workingSpace, blockRows: layout.blockRows,
                        dropout: place.dropout, kernels: InstructionSet.current.kernels)))
        }
        return result
    }

    /// All parameters, ``PlanLayout/parameterCount`` floats: the weights group, then the architecture's.
    var parameters: UnsafeMutablePointer<Float> { arena.base }

    /// Their gradients, in the same order; written by ``gradient(_:_:dropout:cancellation:)``.
    var gradients: UnsafeMutablePointer<Float> { arena.base + layout.gradients }
}

// MARK: - Running

extension TrainingPlan {
    /// The mean loss over the data and, in ``gradients``, its gradient.
    ///
    /// - Parameters:
    ///   - dropout: nil to leave dropout out.
    ///   - wanted: all gradients, or those of the architecture only.
    /// - Returns: nil if it was cancelled.
    func gradient(
        _ data: Batch, _ loss: any Loss.Type, dropout: DropoutDraw?, wanted: Gradients = .all,
        cancellation: Cancellation?
    ) -> Double? {
        prepare(wantsWeights: wanted == .all)
        return overBlocks(data, loss, dropout: dropout, wanted, cancellation: cancellation)?.loss
    }

    /// How good the network is on the data, without dropout; nil if it was cancelled.
    func evaluate(_ data: Batch, _ loss: any Loss.Type, cancellation: Cancellation?) -> Quality? {
        prepare(wantsWeights: false)
        return overBlocks(data, loss, dropout: nil, .none, cancellation: cancellation)
    }

    /// Writes the network's outputs, row-major, for `rows` rows of `inputs`, until it is cancelled.
    func predict(
        _ inputs: UnsafePointer<Float>, rows: Int, into outputs: UnsafeMutablePointer<Float>,
        cancellation: Cancellation? = nil
    ) {
        prepare(wantsWeights: false)
        for first in stride(from: 0, to: rows, by: layout.blockRows) {
            if cancellation?.isCancelled == true { return }
            let count = min(layout.blockRows, rows - first)
            let pass = BlockPass(
                data: inputs + first * inputWidth, rows: count, dropout: nil, firstRow: first,
                wantsWeights: false)
            let instructions = lanes[0].instructions
            for index in instructions.indices {
                if isHeavy, cancellation?.isCancelled == true { return }
                instructions.forward(index, pass)
            }
            if predictionStride == 1 {
                (outputs + first).update(from: lanes[0].prediction, count: count)
            } else {
                Panels.unpack(
                    lanes[0].prediction, rows: count, columns: outputWidth,
                    into: outputs + first * outputWidth)
            }
        }
    }

    private func overBlocks(
        _ data: Batch, _ loss: any Loss.Type, dropout: DropoutDraw?, _ wanted: Gradients,
        cancellation: Cancellation?
    ) -> Quality? {
        var (total, correct) = (0.0, 0.0)
        for first in stride(from: 0, to: data.rows, by: layout.blockRows * lanes.count) {
            if cancellation?.isCancelled == true { return nil }
            let round = Round(
                data: data, first: first, dropout: dropout, loss: loss, wanted: wanted,
                cancellation: cancellation)
            onEveryLane(.blocks(round))
            if wanted != .none, lanes.count > 1 { onEveryLane(.sum(round)) }
            if isHeavy, cancellation?.isRequested == true { return nil }
            for lane in lanes.indices where pass(lane, round) != nil {
                total += lanes[lane].sums[0]
                correct += lanes[lane].sums[1]
            }
        }
        let count = data.count(loss, outputs: outputWidth)
        let mean = count > 0 ? total / count : 0
        return Quality(
            // Beyond float32 the gradients are no longer right, and PyTorch's loss is infinite.
            loss: mean > Double(Float.greatestFiniteMagnitude) ? .infinity : mean,
            accuracy: loss.classCount(outputs: outputWidth).map { _ in
                correct / Double(data.rows)
            })
    }

    /// Lane `lane`'s block in a round; nil beyond the data.
    private func pass(_ lane: Int, _ round: Round) -> BlockPass? {
        let first = round.first + lane * layout.blockRows
        guard first < round.data.rows else { return nil }
        return BlockPass(
            data: round.data.inputs + first * inputWidth,
            rows: min(layout.blockRows, round.data.rows - first), dropout: round.dropout,
            firstRow: first, accumulates: lane == 0 && first > 0,
            wantsWeights: round.wanted == .all)
    }
}

// MARK: - Phases

extension TrainingPlan {
    /// What all lanes compute from the parameters alone: so little that one does it.
    func prepare(wantsWeights: Bool) {
        let instructions = lanes[0].instructions
        for index in instructions.indices { instructions.prepare(index, wantsWeights: wantsWeights) }
    }

    /// Does the phase in all lanes; returns when all have finished.
    func onEveryLane(_ phase: Phase) {
        guard lanes.count > 1 else { return perform(phase, 0) }
        self.phase = phase
        let team = team ?? newTeam()
        self.team = team
        team.run()
    }

    private func newTeam() -> LaneTeam {
        nonisolated(unsafe) let plan = UnownedPlan(plan: self)
        return LaneTeam(lanes: lanes.count) { lane in
            if let phase = plan.plan.phase { plan.plan.perform(phase, lane) }
        }
    }

    /// Ends the lanes' threads until there is work again: a process that is forked meanwhile would miss them.
    func endThreads() { team = nil }

    /// One lane's part of a phase.
    private func perform(_ phase: Phase, _ lane: Int) {
        let share = Share(index: lane, count: lanes.count)
        switch phase {
        case .blocks(let round):
            if let pass = pass(lane, round) { work(lane, round, pass) }
        case .sum(let round):
            let (start, end) = share.range(of: layout.parameterCount / Panels.width)
            let (first, count) = (start * Panels.width, (end - start) * Panels.width)
            for other in 1..<lanes.count where pass(other, round) != nil {
                let summand = arena.base + layout.gradients(ofLane: other, of: lanes.count)
                InstructionSet.current.kernels.addScaled(
                    1, summand + first, to: gradients + first, count: count, overwrite: false)
            }
        case .optimizer(let step):
            step.optimizer.update(self, share: share)
        }
    }

    private func work(_ lane: Int, _ round: Round, _ pass: BlockPass) {
        let own = lanes[lane]
        for index in own.instructions.indices {
            if stops(lane, round) { return }
            own.instructions.forward(index, pass)
        }
        let block = LossBlock(
            prediction: own.prediction, rowStride: predictionStride,
            target: round.data.targets
                + pass.firstRow * round.loss.targetWidth(outputs: outputWidth),
            weights: round.data.weights.map { $0 + pass.firstRow }, rows: pass.rows,
            columns: outputWidth,
            gradient: round.wanted != .none ? own.predictionGradient : nil,
            total: round.data.count(round.loss, outputs: outputWidth))
        own.sums[0] = round.loss.sum(block)
        guard round.wanted != .none else {
            own.sums[1] = Double(round.loss.correct(block))
            return
        }
        // Only what follows the first of its parameters has an effect on the architecture's gradient.
        let first = round.wanted == .all ? 0 : firstOfArchitecture
        for index in own.instructions.indices[first...].reversed() {
            if stops(lane, round) { return }
            own.instructions.backward(index, pass)
        }
    }

    /// Asked between instructions, where one of them takes a good part of a second. One lane asks the host, whose
    /// lock that may take.
    private func stops(_ lane: Int, _ round: Round) -> Bool {
        guard isHeavy, let cancellation = round.cancellation else { return false }
        return lane == 0 ? cancellation.isCancelled : cancellation.isRequested
    }
}
