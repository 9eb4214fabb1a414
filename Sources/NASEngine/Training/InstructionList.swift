/// The instructions of a lane in order, called where they are: each that is taken out of an array is copied, and what it
/// holds retained and released.
final class InstructionList {
    private let elements: UnsafeMutableBufferPointer<any Instruction>

    init(_ instructions: [any Instruction]) {
        elements = .allocate(capacity: instructions.count)
        _ = elements.initialize(fromContentsOf: instructions)
    }

    deinit {
        elements.deinitialize()
        elements.deallocate()
    }

    var indices: Range<Int> { elements.indices }

    func prepare(_ index: Int, wantsWeights: Bool) { elements[index].prepare(wantsWeights: wantsWeights) }

    func forward(_ index: Int, _ pass: BlockPass) { elements[index].forward(pass) }

    func backward(_ index: Int, _ pass: BlockPass) { elements[index].backward(pass) }

    func isJoinedToReader(_ index: Int) -> Bool { elements[index].isJoinedToReader }
}
