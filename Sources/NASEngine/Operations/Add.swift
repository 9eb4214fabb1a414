import NASKernelInterface

/// The sum of any number of inputs of one shape: the join of a skip connection.
struct Add: Operation {
    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape {
        let shapes = Set(inputs)
        guard let shape = shapes.first, shapes.count == 1 else {
            throw .invalidArgument(
                "the inputs of a sum must have one shape, got \(inputs.map(\.description))")
        }
        return shape
    }

    func flops(_ inputs: [Shape]) -> Int { (inputs.count - 1) * inputs[0].elementCount }

    var backwardReads: BackwardReads { [] }

    func instruction(_ site: Site) -> any Instruction { AddInstruction(site: site) }
}

private struct AddInstruction: Instruction {
    let site: Site

    mutating func forward(_ pass: BlockPass) {
        guard let y = site.output.values else { return }
        let count = Panels.floats(rows: pass.rows, columns: site.output.width)
        for (index, input) in site.inputs.enumerated() {
            guard let x = input.values else { continue }
            site.kernels.addScaled(1, x, to: y, count: count, overwrite: index == 0)
        }
    }

    mutating func backward(_ pass: BlockPass) {
        guard let dy = site.output.gradient else { return }
        let count = Panels.floats(rows: pass.rows, columns: site.output.width)
        for input in site.inputs {
            guard let dx = input.gradient else { continue }
            site.kernels.addScaled(1, dy, to: dx, count: count, overwrite: !input.accumulate)
        }
    }
}
