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

    var elementCount: Int { shape.reduce(1, *) }

    /// Floats of the tensor inside a plan, where matrices lie in panels of output columns.
    var storedCount: Int {
        shape.count == 2
            ? Kernels.paneled(rows: shape[1], columns: shape[0])
            : Kernels.paneled(rows: 1, columns: elementCount)
    }

    /// Copies from PyTorch's layout into the plan's.
    func store(
        _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        guard shape.count == 2 else {
            return Kernels.pack(source, rows: 1, columns: elementCount, into: target)
        }
        let (outputs, inputs) = (shape[0], shape[1])
        for output in 0..<outputs {
            let column =
                target + output / Kernels.panelWidth * inputs * Kernels.panelWidth
                + output % Kernels.panelWidth
            for input in 0..<inputs {
                column[input * Kernels.panelWidth] = source[output * inputs + input]
            }
        }
    }

    /// Copies from the plan's layout to PyTorch's: the inverse of ``store(_:into:)``.
    func read(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        guard shape.count == 2 else {
            return Kernels.unpack(source, rows: 1, columns: elementCount, into: target)
        }
        let (outputs, inputs) = (shape[0], shape[1])
        for output in 0..<outputs {
            let column =
                source + output / Kernels.panelWidth * inputs * Kernels.panelWidth
                + output % Kernels.panelWidth
            for input in 0..<inputs {
                target[output * inputs + input] = column[input * Kernels.panelWidth]
            }
        }
    }
}
