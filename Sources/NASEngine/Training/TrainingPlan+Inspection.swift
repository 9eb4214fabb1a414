// Pointers handed to closures point into the plan's workspace and are valid during the call only.

extension TrainingPlan {
    /// Runs the network over the data without dropout and shows each node's output as soon as it is there.
    ///
    /// - Parameter visit: gets the node's number, its output in panels of the pass's rows (one float per row from
    ///   a ``LinearColumn``), and the pass.
    /// - Returns: whether it ran to the end; false if it was cancelled.
    func forward(
        _ data: Batch, cancellation: Cancellation?,
        _ visit: (_ node: Int, _ output: UnsafePointer<Float>, _ pass: BlockPass) -> Void
    ) -> Bool {
        prepare(wantsWeights: false)
        let instructions = lanes[0].instructions
        for pass in passes(data) {
            var joined: Int?
            for index in instructions.indices {
                if cancellation?.isCancelled == true { return false }
                instructions.forward(index, pass)
                if instructions.isJoinedToReader(index) {
                    joined = index
                    continue
                }
                for node in [joined, index] {
                    guard let node, let values = layout.nodes[node].values else { continue }
                    visit(node, workspace + values, pass)
                }
                joined = nil
            }
        }
        return true
    }

    /// Writes the gradient of each row's summed outputs by the row itself, `(rows, inputWidth)` row-major.
    ///
    /// The network must come from ``Network/differentiatingData()``. One forward and one backward pass, without
    /// dropout and without the weight gradients of the dense products.
    ///
    /// - Returns: whether it ran to the end; false if it was cancelled.
    func dataGradient(
        _ data: Batch, into target: UnsafeMutablePointer<Float>, cancellation: Cancellation?
    ) -> Bool {
        let input = network.nodes.firstIndex { $0.operation.wantsGradient }
        guard let place = input.flatMap({ layout.nodes[$0].gradient }) else {
            preconditionFailure("the plan has no gradient of the data")
        }
        prepare(wantsWeights: false)
        let instructions = lanes[0].instructions
        for pass in passes(data) {
            for index in instructions.indices {
                if cancellation?.isCancelled == true { return false }
                instructions.forward(index, pass)
            }
            setOutputGradientToOne(rows: pass.rows)
            for index in instructions.indices.reversed() {
                if cancellation?.isCancelled == true { return false }
                instructions.backward(index, pass)
            }
            Panels.unpack(
                workspace + place, rows: pass.rows, columns: network.inputWidth,
                into: target + pass.firstRow * network.inputWidth)
        }
        return true
    }

    /// The first lane's part of the arena.
    private var workspace: UnsafeMutablePointer<Float> { parameters + layout.start(ofLane: 0) }

    /// The data block by block, without dropout.
    private func passes(_ data: Batch) -> some Sequence<BlockPass> {
        stride(from: 0, to: data.rows, by: layout.blockRows).lazy.map { [self] first in
            BlockPass(
                data: data.inputs + first * network.inputWidth,
                rows: min(layout.blockRows, data.rows - first), dropout: nil, firstRow: first,
                wantsWeights: false)
        }
    }

    /// 1 for every output of the block, 0 in the panels' columns beyond.
    private func setOutputGradientToOne(rows: Int) {
        guard let gradient = lanes[0].predictionGradient else { return }
        let (columns, width) = (network.outputWidth, predictionStride)
        for panel in 0..<Panels.count(columns) {
            let used = min(width, columns - panel * width)
            for row in 0..<rows {
                let target = gradient + (panel * rows + row) * width
                target.update(repeating: 1, count: used)
                (target + used).update(repeating: 0, count: width - used)
            }
        }
    }
}
