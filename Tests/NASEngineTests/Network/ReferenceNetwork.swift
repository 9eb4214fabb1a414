import Glibc

@testable import NASEngine

/// The same networks evaluated in float64, one number at a time: the oracle for values and gradients.
struct ReferenceNetwork {
    let network: Network
    /// Per dropout in forward order, a keep flag for every row and column.
    var masks: [[Bool]] = []

    /// Outputs of all rows, row-major, for parameters in PyTorch's layout.
    func predict(_ inputs: [Double], rows: Int, _ parameters: [[Double]]) -> [Double] {
        var values: [[Double]] = []
        var tensors = parameters[...]
        var masks = masks[...]
        for node in network.nodes {
            let own = (0..<node.parameters.count).map { _ in tensors.removeFirst() }
            let sources = node.inputs.map { values[$0] }
            let width = node.shape.elementCount
            switch node.operation {
            case is Input: values.append(inputs)
            case is Linear:
                let depth = network.nodes[node.inputs[0]].shape.elementCount
                var y = [Double](repeating: 0, count: rows * width)
                for row in 0..<rows {
                    for column in 0..<width {
                        y[row * width + column] = own.count == 2 ? own[1][column] : 0
                        for k in 0..<depth {
                            y[row * width + column] +=
                                sources[0][row * depth + k] * own[0][column * depth + k]
                        }
                    }
                }
                values.append(y)
            case let activation as Activation:
                values.append(sources[0].map { Self.value(activation.function.name, $0) })
            case let dropout as Dropout:
                let mask = masks.popFirst()
                values.append(
                    sources[0].indices.map { index in
                        guard let mask else { return sources[0][index] }
                        return mask[index] ? sources[0][index] / (1 - dropout.rate) : 0
                    })
            case is Add:
                values.append(
                    (0..<rows * width).map { i in sources.reduce(0) { $0 + $1[i] } })
            case is MixedSum:
                let exponentials = own[0].map { Glibc.exp($0) }
                let sum = exponentials.reduce(0, +)
                values.append(
                    (0..<rows * width).map { i in
                        zip(exponentials, sources).reduce(0) { $0 + $1.0 / sum * $1.1[i] }
                    })
            default: preconditionFailure("no reference for \(node.operation)")
            }
        }
        return values[values.count - 1]
    }

    func meanSquaredError(
        _ inputs: [Double], _ targets: [Double], rows: Int, _ parameters: [[Double]]
    ) -> Double {
        let outputs = predict(inputs, rows: rows, parameters)
        return zip(outputs, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            / Double(targets.count)
    }

    /// The gradient by central differences.
    func gradient(
        _ parameters: [[Double]], step: Double = 1e-5, _ loss: ([[Double]]) -> Double
    ) -> [[Double]] {
        var moved = parameters
        return parameters.indices.map { tensor in
            parameters[tensor].indices.map { index in
                moved[tensor][index] = parameters[tensor][index] + step
                let above = loss(moved)
                moved[tensor][index] = parameters[tensor][index] - step
                let below = loss(moved)
                moved[tensor][index] = parameters[tensor][index]
                return (above - below) / (2 * step)
            }
        }
    }

    private static func value(_ name: String, _ x: Double) -> Double {
        switch name {
        case "ReLU": max(0, x)
        case "LeakyReLU": x > 0 ? x : 0.01 * x
        case "Tanh": tanh(x)
        case "Sigmoid": 1 / (1 + Glibc.exp(-x))
        case "ELU": x > 0 ? x : expm1(x)
        case "GELU": 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case "SiLU": x / (1 + Glibc.exp(-x))
        case "Identity": x
        default: preconditionFailure("no reference for \(name)")
        }
    }
}

/// A small data set of reproducible numbers, owned by arenas.
struct SampleData {
    let rows: Int
    let inputs: [Double]
    let targets: [Double]
    private let x: Arena
    private let y: Arena

    init(rows: Int, inputWidth: Int, outputWidth: Int, seed: UInt64 = 11) throws {
        var random = RandomStream(seed: seed)
        // Rounded to float32 so that both engines see the same numbers.
        inputs = (0..<rows * inputWidth).map { _ in Double(Float(random.normal())) }
        targets = (0..<rows * outputWidth).map { _ in Double(Float(random.normal())) }
        self.rows = rows
        x = try Arena(floats: inputs.count, zeroed: 0)
        y = try Arena(floats: targets.count, zeroed: 0)
        for (index, value) in inputs.enumerated() { x.base[index] = Float(value) }
        for (index, value) in targets.enumerated() { y.base[index] = Float(value) }
    }

    var batch: Batch { Batch(inputs: x.base, targets: y.base, rows: rows) }

    func matrices() throws -> (Matrix, Matrix) {
        (
            try Matrix(name: "X", base: x.base, rows: rows, columns: inputs.count / rows),
            try Matrix(name: "y", base: y.base, rows: rows, columns: targets.count / rows)
        )
    }

    /// A data set that trains on this sample and validates on `other`.
    func dataset(validation other: SampleData) throws -> Dataset {
        let (trainX, trainY) = try matrices()
        let (validationX, validationY) = try other.matrices()
        return try Dataset(
            trainInputs: trainX, trainTargets: trainY, validationInputs: validationX,
            validationTargets: validationY, owner: [self, other] as AnyObject)
    }
}
