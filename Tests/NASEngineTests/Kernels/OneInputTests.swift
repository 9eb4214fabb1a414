import NASKernelInterface
import Testing

@testable import NASEngine

/// A layer with one input and a layer with one output behind it, in one pass and in several.
@Suite struct OneInputTests {
    private let columns = 20

    @Test(arguments: ActivationRegistry.names, [(31, false), (31, true), (3, false), (3, true)])
    func bothLayersInOnePassEqualOneAfterTheOther(
        name: String, of block: (rows: Int, dropout: Bool)
    ) throws {
        let rows = block.rows
        let function = try ActivationRegistry.function(named: name)
        let inputs = numbers(rows, 1, seed: 1)
        let (weights, bias) = (
            try packed(numbers(1, columns, seed: 2), 1, columns),
            try packed(numbers(1, columns, seed: 3), 1, columns)
        )
        let w = try packed(numbers(1, columns, seed: 4), 1, columns)
        let dy = numbers(rows, 1, seed: 5)
        let mask = (0..<UInt16(2 * rows)).map { $0 &* 40_503 }
        for kernels in InstructionSet.available.map(\.kernels) {
            func pass(joined: Bool) throws -> Pass {
                let result = try Pass(rows: rows, columns: columns)
                inputs.withUnsafeBufferPointer { inputs in
                    mask.withUnsafeBufferPointer { words in
                        guard let x = inputs.baseAddress else { return }
                        let site = ActivationSite(
                            activation: function.index, input: result.z.base, output: result.a.base,
                            mask: block.dropout ? words.baseAddress : nil,
                            scale: block.dropout ? 1.25 : 1)
                        let layer = OneInputLayer(
                            x: x, stride: 1, weights: weights.base, bias: bias.base)
                        result.run(
                            kernels, layer, site, w: w.base, dy: dy, rows: rows, depth: columns,
                            joined: joined)
                    }
                }
                return result
            }
            let (joined, separate) = (try pass(joined: true), try pass(joined: false))
            #expect((0..<rows).allSatisfy { joined.y.base[$0] == separate.y.base[$0] })
            #expect(unpacked(joined.a, rows, columns) == unpacked(separate.a, rows, columns))
            #expect(unpacked(joined.dw, 1, columns) == unpacked(separate.dw, 1, columns))
            #expect(joined.db.base[0] == separate.db.base[0])
            for (one, other) in [(joined.dW, separate.dW), (joined.db1, separate.db1)] {
                let expected = unpacked(other, 1, columns).map(Double.init)
                #expect(distance(unpacked(one, 1, columns), expected) < Double(2 * rows + 1) * 0x1p-22)
                #expect((columns..<32).allSatisfy { one.base[$0] == 0 })
            }
        }
    }

    /// All that the passes of a block write.
    private struct Pass {
        let z, a, y, dA, dw, db, dW, db1: Arena

        init(rows: Int, columns: Int) throws {
            (z, a, dA) = (
                try blank(rows, columns), try blank(rows, columns), try blank(rows, columns)
            )
            (y, db) = (try blank(rows, 1), try blank(1, 1))
            (dw, dW, db1) = (try blank(1, columns), try blank(1, columns), try blank(1, columns))
        }

        /// Forward and backward twice, the second time on top of the first one's gradients.
        func run(
            _ kernels: any KernelSet.Type, _ layer: OneInputLayer, _ site: ActivationSite,
            w: UnsafePointer<Float>, dy: [Float], rows: Int, depth: Int, joined: Bool
        ) {
            for round in 1...2 {
                if !joined {
                    kernels.multiply(
                        Product(
                            a: .rowMajor(layer.x, columns: 1), depth: 1, weights: .panels(layer.weights),
                            bias: layer.bias, c: a.base, rows: rows, panels: Panels.count(depth),
                            accumulate: false, workingSpace: dA.base), edge: .activate(site))
                }
                kernels.columnForward(
                    ColumnForward(
                        a: a.base, w: w, bias: 0.25, y: y.base, rows: rows, depth: depth,
                        before: joined ? layer : nil), edge: .activate(site))
                let gradients = OneInputGradients(
                    x: layer.x, stride: layer.stride, dW: dW.base, db: db1.base)
                kernels.columnBackward(
                    ColumnBackward(
                        a: a.base, w: w, dy: dy, rows: rows, depth: depth, dA: dA.base, dw: dw.base,
                        db: db.base, accumulate: round == 2, before: joined ? gradients : nil),
                    edge: .differentiate(site))
                if joined { continue }
                kernels.weightGradient(
                    WeightGradient(
                        a: .rowMajor(layer.x, columns: 1), depth: 1, dC: dA.base, rows: rows,
                        panels: Panels.count(depth), dW: dW.base, db: db1.base,
                        accumulate: round == 2, workingSpace: dA.base))
            }
        }
    }
}
