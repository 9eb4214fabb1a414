import NASKernelInterface
import Testing

@testable import NASEngine

/// Products that leave out the zeros of A against the same products in tiles.
///
/// A row-major A is always multiplied in tiles, so that each product is done in both ways.
@Suite struct NonzeroTests {
    /// Widths of whole strips, of a narrow one behind a wide one, and of panels left over.
    private static let shapes: [(rows: Int, depth: Int, columns: Int)] = [
        (32, 32, 64), (45, 65, 128), (77, 128, 150), (130, 47, 200), (204, 144, 36),
    ]

    @Test(arguments: shapes, [0, 0.2, 0.45, 0.55])
    func forwardIsTheDenseProductBitForBit(
        shape: (rows: Int, depth: Int, columns: Int), share: Double
    ) throws {
        let (rows, depth, columns) = shape
        let a = sparse(rows, depth, share: share, seed: 20)
        let (inputs, weights) = (
            try packed(a, rows, depth), try packed(numbers(depth, columns, seed: 21), depth, columns)
        )
        // Whatever lies beyond the last column must not matter.
        for index in 0..<rows where depth % 16 != 0 {
            inputs.base[((Panels.count(depth) - 1) * rows + index) * 16 + 15] = 1
        }
        let bias = try packed(numbers(1, columns, seed: 22), 1, columns)
        let function = try ActivationRegistry.function(named: "Tanh")
        let space = try workingSpace(width: depth)
        for instructions in InstructionSet.available {
            let (fast, slow) = (try blank(rows, columns), try blank(rows, columns))
            a.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                func multiply(_ operand: Operand, _ c: Arena, accumulate: Bool) {
                    instructions.kernels.multiply(
                        Product(
                            a: operand, depth: depth, weights: .panels(weights.base),
                            bias: accumulate ? nil : bias.base, c: c.base, rows: rows,
                            panels: Panels.count(columns), accumulate: accumulate,
                            workingSpace: space.base),
                        edge: .activate(
                            ActivationSite(
                                activation: function.index, input: c.base, output: c.base, mask: nil,
                                scale: 1)))
                }
                for accumulate in [false, true] {
                    multiply(.panels(inputs.base, rows: rows), fast, accumulate: accumulate)
                    multiply(.rowMajor(base, columns: depth), slow, accumulate: accumulate)
                    #expect(
                        unpacked(fast, rows, columns) == unpacked(slow, rows, columns),
                        "\(instructions.name)")
                }
            }
        }
    }

    @Test(arguments: shapes, [0, 0.2, 0.4, 0.48])
    func weightGradientIsTheDenseProductBitForBit(
        shape: (rows: Int, depth: Int, columns: Int), share: Double
    ) throws {
        let (rows, depth, columns) = shape
        let a = sparse(rows, depth, share: share, seed: 23)
        let (inputs, gradient) = (
            try packed(a, rows, depth), try packed(numbers(rows, columns, seed: 24), rows, columns)
        )
        let space = try workingSpace(width: depth)
        for instructions in InstructionSet.available {
            let (fast, slow) = (try blank(depth, columns), try blank(depth, columns))
            let db = try blank(1, columns)
            a.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                func reduce(_ operand: Operand, _ dW: Arena, accumulate: Bool) {
                    instructions.kernels.weightGradient(
                        WeightGradient(
                            a: operand, depth: depth, dC: gradient.base, rows: rows,
                            panels: Panels.count(columns), dW: dW.base, db: db.base,
                            accumulate: accumulate, workingSpace: space.base))
                }
                for accumulate in [false, true] {
                    reduce(.panels(inputs.base, rows: rows), fast, accumulate: accumulate)
                    reduce(.rowMajor(base, columns: depth), slow, accumulate: accumulate)
                    #expect(
                        unpacked(fast, depth, columns) == unpacked(slow, depth, columns),
                        "\(instructions.name)")
                }
            }
        }
    }

    /// Zeros are skipped at all: a weight that only zeros meet may be infinite.
    @Test func skippedWeightsAreNotRead() throws {
        let (rows, depth, columns) = (40, 64, 128)
        let a = (0..<rows * depth).map { Float($0 % 2) }
        let inputs = try packed(a, rows, depth)
        var w = numbers(depth, columns, seed: 25)
        for row in stride(from: 0, to: depth, by: 2) { w[row * columns] = .infinity }
        let weights = try packed(w, depth, columns)
        let space = try workingSpace(width: depth)
        for instructions in InstructionSet.available {
            let c = try blank(rows, columns)
            instructions.kernels.multiply(
                Product(
                    a: .panels(inputs.base, rows: rows), depth: depth, weights: .panels(weights.base),
                    bias: nil, c: c.base, rows: rows, panels: Panels.count(columns),
                    accumulate: false, workingSpace: space.base), edge: .none)
            #expect(unpacked(c, rows, columns).allSatisfy { $0.isFinite }, "\(instructions.name)")
        }
    }
}
