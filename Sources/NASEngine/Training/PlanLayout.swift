import NASKernelInterface

/// Where everything of a compiled network lies in its plan's arena, in floats.
///
/// First comes what all lanes share, the parameters at its head, then a region for each lane. Computed from
/// shapes alone, so that memory can be judged before any is taken.
struct PlanLayout {
    /// What a plan is for: training needs gradients and dropout masks, predicting does not.
    enum Purpose { case training, prediction }

    struct Node {
        /// The output of one block, from the lane's start; nil for data that is read where it lies.
        var values: Int?
        /// The gradient of that output, likewise; nil where nothing upstream is trainable.
        var gradient: Int?
        /// One per input: whether another consumer writes that gradient before this node does.
        var accumulates: [Bool] = []
        /// From the arena's start.
        var sharedScratch = 0
        /// From the lane's start.
        var blockScratch = 0
        var dropout = DropoutSite(index: 0, panelsBefore: 0)
        /// Offsets of the node's tensors below the parameters' start.
        var parameters: [Int] = []
    }

    let purpose: Purpose
    let blockRows: Int
    private(set) var nodes: [Node]
    /// Floats of all trainable tensors, those of the architecture group last.
    private(set) var parameterCount = 0
    /// Floats of the weights group alone.
    private(set) var weightCount = 0
    /// Start of the gradients, which mirror the parameters.
    private(set) var gradients = 0
    /// Floats that all lanes share.
    private(set) var sharedCount = 0
    /// Floats of each lane.
    private(set) var laneCount = 0
    /// What the products of a lane take turns in using, from the lane's start.
    private(set) var workingSpace = 0
    /// Panels of all dropout masks together.
    private(set) var dropoutPanels = 0

    /// Rows per block at most.
    static let largestBlock = greatestBlock

    /// What the rows of a block are a multiple of, as the tiles divide that well.
    static let leastBlock = 12

    /// A block's rows for data of `rows`: nearly equal blocks of a multiple of ``leastBlock``. Mostly
    /// an even number of blocks, so that two lanes have equal work.
    ///
    /// It depends on nothing else, as the order in which gradients are added up follows from it.
    static func blockRows(for rows: Int) -> Int {
        var blocks = (rows + largestBlock - 1) / largestBlock
        if blocks > 1 { blocks += blocks % 2 }
        let each = (rows + blocks - 1) / max(blocks, 1)
        return (each + leastBlock - 1) / leastBlock * leastBlock
    }

    init(_ network: Network, rows: Int, purpose: Purpose) {
        self.purpose = purpose
        blockRows = Self.blockRows(for: rows)
        nodes = network.nodes.map { _ in Node() }
        layOutParameters(network)
        let widest = network.nodes.map(\.shape.elementCount).max() ?? 0
        workingSpace = reserve(productWorkingSpace(width: widest))
        layOutValues(network)
        if purpose == .training { layOutGradients(network) }
        layOutScratch(network)
    }

    /// Lanes for so many threads: no more than there are blocks of `rows` rows.
    static func lanes(threads: Int, rows: Int) -> Int {
        let blockRows = blockRows(for: rows)
        return max(1, min(threads, (rows + blockRows - 1) / blockRows))
    }

    /// Floats of an arena for so many lanes: from the second on, they have parameter gradients of their own.
    func total(lanes: Int) -> Int {
        sharedCount + lanes * laneCount + (lanes - 1) * parameterCount
    }

    /// Where lane `lane` begins.
    func start(ofLane lane: Int) -> Int { sharedCount + lane * laneCount }

    /// The parameter gradients that lane `lane` computes of its block, of so many lanes.
    func gradients(ofLane lane: Int, of lanes: Int) -> Int {
        lane == 0 ? gradients : start(ofLane: lanes) + (lane - 1) * parameterCount
    }

    private mutating func share(_ floats: Int) -> Int {
        defer { sharedCount += Arena.aligned(floats) }
        return sharedCount
    }

    private mutating func reserve(_ floats: Int) -> Int {
        defer { laneCount += Arena.aligned(floats) }
        return laneCount
    }

    private mutating func layOutParameters(_ network: Network) {
        for group in [ParameterTensor.Group.weights, .architecture] {
            for (index, node) in network.nodes.enumerated() {
                for tensor in node.parameters where tensor.group == group {
                    nodes[index].parameters.append(share(tensor.storedCount))
                }
            }
            if group == .weights { weightCount = sharedCount }
        }
        parameterCount = sharedCount
        if purpose == .training { gradients = share(parameterCount) }
    }

    /// A node's output takes over its first input's buffer where nobody needs the old values any more.
    private mutating func layOutValues(_ network: Network) {
        let consumers = network.consumerCounts
        for (index, node) in network.nodes.enumerated() {
            let floats = Panels.floats(rows: blockRows, columns: node.shape.elementCount)
            if node.operation is Input {
                let readers = network.nodes.filter { $0.inputs.contains(index) }
                if !readers.allSatisfy(\.operation.readsDataInPlace) {
                    nodes[index].values = reserve(floats)
                }
            } else if node.operation.worksInPlace, consumers[node.inputs[0]] == 1,
                purpose == .prediction || !needsOldValues(network, node)
            {
                nodes[index].values = nodes[node.inputs[0]].values
            } else {
                nodes[index].values = reserve(floats)
            }
        }
    }

    private func needsOldValues(_ network: Network, _ node: Network.Node) -> Bool {
        node.operation.backwardReads.contains(.inputs)
            || network.nodes[node.inputs[0]].operation.backwardReads.contains(.output)
    }

    private mutating func layOutGradients(_ network: Network) {
        let consumers = network.consumerCounts
        var trainable = [Bool](repeating: false, count: nodes.count)
        for (index, node) in network.nodes.enumerated() {
            trainable[index] =
                !node.parameters.isEmpty || node.operation.wantsGradient
                || node.inputs.contains { trainable[$0] }
        }
        // Backwards, so that an in-place node's gradient exists before its input takes it over.
        var written = [Bool](repeating: false, count: nodes.count)
        var lastReaders = [Int](repeating: nodes.count, count: nodes.count)
        for (index, node) in network.nodes.enumerated() {
            for input in node.inputs { lastReaders[input] = index }
        }
        // Buffers of gradients that have become the node's inputs': what was just read is still near.
        var free: [(node: Int, buffer: Int)] = []
        for index in network.nodes.indices.reversed() {
            let node = network.nodes[index]
            let columns = node.shape.elementCount
            if trainable[index], nodes[index].gradient == nil {
                // The first who writes the gradient must run after the last who needs what was there.
                if let place = free.firstIndex(where: {
                    $0.node > lastReaders[index] && network.nodes[$0.node].shape.elementCount == columns
                }) {
                    nodes[index].gradient = free.remove(at: place).buffer
                } else {
                    nodes[index].gradient = reserve(Panels.floats(rows: blockRows, columns: columns))
                }
            }
            for input in node.inputs {
                nodes[index].accumulates.append(written[input])
                written[input] = true
                guard consumers[input] == 1, trainable[input] else { continue }
                if node.operation.worksInPlace {
                    nodes[input].gradient = nodes[index].gradient
                } else if node.operation.gradientReplacesInput,
                    !readsOutput(network.nodes[input].operation, before: node.operation)
                {
                    nodes[input].gradient = nodes[input].values
                }
            }
            if let buffer = nodes[index].gradient, buffer != nodes[index].values,
                !node.inputs.contains(where: { nodes[$0].gradient == buffer })
            {
                free.append((index, buffer))
            }
        }
    }

    /// Whether the backward pass of an operation, whose only reader is `next`, reads its output.
    private func readsOutput(_ operation: any Operation, before next: any Operation) -> Bool {
        // A linear layer's output is read for its activation's derivative, by the reader if that does so.
        if operation is Linear || operation is OuterLinear, next.differentiatesInputs { return false }
        return operation.backwardReads.contains(.output)
    }

    private mutating func layOutScratch(_ network: Network) {
        var dropouts = 0
        for (index, node) in network.nodes.enumerated() {
            let (inputs, training) = (network.inputShapes(of: node), purpose == .training)
            nodes[index].sharedScratch = share(
                node.operation.sharedScratch(inputs, blockRows: blockRows, training: training))
            nodes[index].blockScratch = reserve(
                node.operation.blockScratch(inputs, blockRows: blockRows, training: training))
            if node.operation.dropoutRate > 0 {
                nodes[index].dropout = DropoutSite(index: dropouts, panelsBefore: dropoutPanels)
                dropouts += 1
                dropoutPanels += Panels.count(node.shape.elementCount)
            }
        }
    }
}
