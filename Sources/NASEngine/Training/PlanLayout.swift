/// Where everything of a compiled network lies in its plan's arena, in floats from the start.
///
/// Computed from shapes alone, so that memory can be judged before any is taken.
struct PlanLayout {
    /// What a plan is for: training needs gradients and dropout masks, predicting does not.
    enum Purpose { case training, prediction }

    struct Node {
        /// The output of one block; nil for data that is read where it lies.
        var values: Int?
        /// The gradient of that output; nil where nothing upstream is trainable.
        var gradient: Int?
        /// One per input: whether another consumer writes that gradient before this node does.
        var accumulates: [Bool] = []
        var scratch = 0
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
    /// Floats of the whole arena.
    private(set) var total = 0
    /// Panels of all dropout masks together.
    private(set) var dropoutPanels = 0

    /// Rows per block: activations of a block stay in the cache between forward and backward pass.
    static let largestBlock = 324

    /// A block's rows for data of `rows`: nearly equal blocks, a multiple of 12 that tiles divide well.
    static func blockRows(for rows: Int) -> Int {
        let blocks = (rows + largestBlock - 1) / largestBlock
        return ((rows + blocks - 1) / max(blocks, 1) + 11) / 12 * 12
    }

    init(_ network: Network, rows: Int, purpose: Purpose) {
        self.purpose = purpose
        blockRows = Self.blockRows(for: rows)
        nodes = network.nodes.map { _ in Node() }
        layOutParameters(network)
        layOutValues(network)
        if purpose == .training { layOutGradients(network) }
        layOutScratch(network)
    }

    private mutating func reserve(_ floats: Int) -> Int {
        defer { total += Arena.aligned(floats) }
        return total
    }

    private mutating func layOutParameters(_ network: Network) {
        for group in [ParameterTensor.Group.weights, .architecture] {
            for (index, node) in network.nodes.enumerated() {
                for tensor in node.parameters where tensor.group == group {
                    nodes[index].parameters.append(reserve(tensor.storedCount))
                }
            }
            if group == .weights { weightCount = total }
        }
        parameterCount = total
        if purpose == .training { gradients = reserve(parameterCount) }
    }

    /// A node's output takes over its first input's buffer where nobody needs the old values any more.
    private mutating func layOutValues(_ network: Network) {
        let consumers = network.consumerCounts
        for (index, node) in network.nodes.enumerated() {
            let floats = Kernels.paneled(rows: blockRows, columns: node.shape.elementCount)
            if node.operation is Input {
                let readers = network.nodes.filter { $0.inputs.contains(index) }
                if !readers.allSatisfy({ $0.operation is Linear }) {
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
            trainable[index] = !node.parameters.isEmpty || node.inputs.contains { trainable[$0] }
        }
        // Backwards, so that an in-place node's gradient exists before its input takes it over.
        var written = [Bool](repeating: false, count: nodes.count)
        for index in network.nodes.indices.reversed() {
            let node = network.nodes[index]
            if trainable[index], nodes[index].gradient == nil {
                nodes[index].gradient = reserve(
                    Kernels.paneled(rows: blockRows, columns: node.shape.elementCount))
            }
            for input in node.inputs {
                nodes[index].accumulates.append(written[input])
                written[input] = true
                if node.operation.worksInPlace, consumers[input] == 1, trainable[input] {
                    nodes[input].gradient = nodes[index].gradient
                }
            }
        }
    }

    private mutating func layOutScratch(_ network: Network) {
        var dropouts = 0
        for (index, node) in network.nodes.enumerated() {
            nodes[index].scratch = reserve(
                node.operation.scratch(
                    network.inputShapes(of: node), blockRows: blockRows,
                    training: purpose == .training))
            if node.operation.dropoutRate > 0 {
                nodes[index].dropout = DropoutSite(index: dropouts, panelsBefore: dropoutPanels)
                dropouts += 1
                dropoutPanels += Kernels.panels(node.shape.elementCount)
            }
        }
    }
}
