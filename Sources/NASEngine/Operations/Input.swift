/// The data: the first node of every network. Layers read it where it lies, without a copy.
struct Input: Operation {
    let width: Int
    /// Whether plans compute the gradient by the data too, see ``Network/differentiatingData()``.
    var wantsGradient = false

    func outputShape(_ inputs: [Shape]) throws(EngineError) -> Shape { Shape(width) }
    func flops(_ inputs: [Shape]) -> Int { 0 }
    var backwardReads: BackwardReads { [] }
    func instruction(_ site: Site) -> any Instruction { InputInstruction(site: site) }
}

/// Puts a block of the data into panels for readers that need them so; mostly does nothing.
private struct InputInstruction: Instruction {
    let values: UnsafeMutablePointer<Float>?
    let width: Int

    init(site: Site) {
        values = site.output.values
        width = site.output.width
    }

    mutating func forward(_ pass: BlockPass) {
        guard let values else { return }
        Panels.pack(pass.data, rows: pass.rows, columns: width, into: values)
    }

    mutating func backward(_ pass: BlockPass) {}
}
