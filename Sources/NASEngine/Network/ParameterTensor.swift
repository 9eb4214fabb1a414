/// One trainable tensor of an operation, as it is named, initialised and exchanged with PyTorch.
struct ParameterTensor: Sendable {
    /// Which optimizer moves it: the network's own, or the one over architectures (DARTS' α).
    enum Group: Sendable { case weights, architecture }

    /// The name below its node's: `weight`, `bias`, `alpha`.
    let name: String
    /// The shape in PyTorch's layout: `(out, in)` for a weight matrix, `(n,)` for a vector.
    let shape: [Int]
    let group: Group
    /// Inputs that one output sums over: the scale of the initial values.
    let fanIn: Int
    /// A matrix of one row, stored like a vector.
    var isRow = false

    private var isMatrix: Bool { shape.count == 2 && !isRow }

    var elementCount: Int { shape.reduce(1, *) }

    /// Floats of the tensor inside a plan, where matrices lie in panels of output columns.
    var storedCount: Int {
        isMatrix
            ? Panels.floats(rows: shape[1], columns: shape[0])
            : Panels.floats(rows: 1, columns: elementCount)
    }

    /// Floats that ``store(_:into:scratch:)`` needs besides.
    var storeScratch: Int { isMatrix ? Panels.floats(rows: shape[0], columns: shape[1]) : 0 }

    /// Copies from PyTorch's layout into the plan's: into panels, then transposed.
    func store(
        _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        guard isMatrix else {
            return Panels.pack(source, rows: 1, columns: elementCount, into: target)
        }
        Panels.pack(source, rows: shape[0], columns: shape[1], into: scratch)
        InstructionSet.current.kernels.transpose(
            scratch, rows: shape[0], columns: shape[1], into: target)
    }

    /// Copies from the plan's layout to PyTorch's: the inverse of ``store(_:into:scratch:)``.
    func read(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        guard isMatrix else {
            return Panels.unpack(source, rows: 1, columns: elementCount, into: target)
        }
        let (outputs, inputs) = (shape[0], shape[1])
        for output in 0..<outputs {
            let column =
                source + output / Panels.width * inputs * Panels.width
                + output % Panels.width
            for input in 0..<inputs {
                target[output * inputs + input] = column[input * Panels.width]
            }
        }
    }
}
