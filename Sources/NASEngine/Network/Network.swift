/// A network as a directed acyclic graph of typed nodes, in topological order; the last is its output.
///
/// Nodes are only ever appended and refer to earlier ones, so a network cannot have a cycle. Shapes and
/// parameters are inferred on the way.
struct Network: Sendable {
    final class Node: Sendable {
        let name: String
        let operation: any Operation
        /// Indices of the nodes whose outputs this one reads.
        let inputs: [Int]
        let shape: Shape
        let parameters: [ParameterTensor]

        init(
            _ operation: any Operation, _ inputs: [Int], name: String, shape: Shape,
            parameters: [ParameterTensor]
        ) {
            self.name = name
            self.operation = operation
            self.inputs = inputs
            self.shape = shape
            self.parameters = parameters
        }
    }

    private(set) var nodes: [Node] = []
    /// Whether ``fused()`` has made this network and nothing was added since.
    private var isFused = false

    /// Adds a node and returns its index.
    /// - Parameter name: the prefix of its parameters' names, as in `layers.0`.
    @discardableResult
    mutating func add(
        _ operation: any Operation, _ inputs: Int..., name: String = ""
    ) throws(EngineError) -> Int {
        try add(operation, inputs, name: name)
    }

    @discardableResult
    mutating func add(
        _ operation: any Operation, _ inputs: [Int], name: String = ""
    ) throws(EngineError) -> Int {
        precondition(inputs.allSatisfy(nodes.indices.contains))
        let shapes = inputs.map { nodes[$0].shape }
        nodes.append(
            Node(
                operation, inputs, name: name, shape: try operation.outputShape(shapes),
                parameters: operation.parameters(shapes)))
        isFused = false
        return nodes.count - 1
    }

    func inputShapes(of node: Node) -> [Shape] { node.inputs.map { nodes[$0].shape } }

    /// How many nodes read each node's output.
    var consumerCounts: [Int] {
        var counts = [Int](repeating: 0, count: nodes.count)
        for node in nodes { for input in node.inputs { counts[input] += 1 } }
        return counts
    }

    /// All trainable tensors in node order, with names that are unique in the network.
    var parameters: [(name: String, tensor: ParameterTensor)] {
        nodes.flatMap { node in
            node.parameters.map { (node.name.isEmpty ? $0.name : "\(node.name).\($0.name)", $0) }
        }
    }

    var parameterCount: Int {
        nodes.reduce(0) { $1.parameters.reduce($0) { $0 + $1.elementCount } }
    }

    /// Floating-point operations of one row's forward pass; multiply and add count as two.
    var flops: Int { nodes.reduce(0) { $0 + $1.operation.flops(inputShapes(of: $1)) } }

    /// Values per row that the network reads and returns.
    var inputWidth: Int { nodes.first?.shape.elementCount ?? 0 }
    var outputWidth: Int { nodes.last?.shape.elementCount ?? 0 }
}

extension Network {
    /// The same network in fewer nodes, so that fewer passes over memory are made: each operation
    /// absorbs its only reader where it can, as a linear layer its activation and that its dropout.
    func fused() throws(EngineError) -> Network {
        if isFused { return self }
        let consumers = consumerCounts
        var merged: [(operation: any Operation, inputs: [Int], name: String)] = []
        /// Where each node's operation has gone.
        var place: [Int] = []
        for node in nodes {
            let inputs = node.inputs.map { place[$0] }
            if inputs.count == 1, consumers[node.inputs[0]] == 1,
                let joint = merged[inputs[0]].operation.absorbing(node.operation)
            {
                merged[inputs[0]].operation = joint
                place.append(inputs[0])
            } else {
                place.append(merged.count)
                merged.append((node.operation, inputs, node.name))
            }
        }
        if let linear = merged.last?.operation as? Linear, linear.width == 1, linear.activation == nil,
            linear.hasBias,
            // With nothing trainable before it there is no gradient of its input.
            nodes.dropLast().contains(where: { !$0.parameters.isEmpty })
        {
            merged[merged.count - 1].operation = LinearColumn()
        }
        var result = Network()
        for node in merged { try result.add(node.operation, node.inputs, name: node.name) }
        result.isFused = true
        return result
    }

    /// The same network, of which plans also compute the gradient by the data.
    func differentiatingData() -> Network {
        var result = self
        for (index, node) in nodes.enumerated() {
            guard let input = node.operation as? Input else { continue }
            result.replace(index, with: Input(width: input.width, wantsGradient: true))
        }
        return result
    }

    /// Puts another operation with the same inputs and the same shape of output into a node.
    private mutating func replace(_ index: Int, with operation: any Operation) {
        let node = nodes[index]
        nodes[index] = Node(
            operation, node.inputs, name: node.name, shape: node.shape,
            parameters: operation.parameters(inputShapes(of: node)))
    }
}
