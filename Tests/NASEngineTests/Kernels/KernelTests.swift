import NASKernelInterface
import Testing

@testable import NASEngine

@Suite struct PanelTests {
    @Test(arguments: edgeSizes, edgeSizes)
    func packAndUnpackAreInverse(rows: Int, columns: Int) throws {
        let matrix = numbers(rows, columns, seed: 1)
        #expect(unpacked(try packed(matrix, rows, columns), rows, columns) == matrix)
    }

    @Test(arguments: edgeSizes, edgeSizes)
    func transposeMovesEveryElement(rows: Int, columns: Int) throws {
        let matrix = numbers(rows, columns, seed: 2)
        let source = try packed(matrix, rows, columns)
        for instructions in InstructionSet.available {
            let target = try blank(columns, rows)
            instructions.kernels.transpose(
                source.base, rows: rows, columns: columns, into: target.base)
            let transposed = unpacked(target, columns, rows)
            for row in 0..<rows {
                for column in 0..<columns {
                    #expect(transposed[column * rows + row] == matrix[row * columns + column])
                }
            }
            let count = Panels.floats(rows: columns, columns: rows)
            #expect((0..<count).allSatisfy { target.base[$0].isFinite })
        }
    }
}

@Suite struct ElementWiseTests {
    /// What a product does at its edge equals the pass on its own, with and without dropout.
    @Test(
        arguments: ActivationRegistry.names,
        [(1, false), (1, true), (7, false), (7, true), (200, false), (200, true)])
    func edgesEqualPasses(name: String, of product: (depth: Int, dropout: Bool)) throws {
        let (rows, columns) = (31, 20)
        let (depth, dropout) = product
        let function = try ActivationRegistry.function(named: name)
        let (a, w) = (numbers(rows, depth, seed: 3), numbers(depth, columns, seed: 4))
        let (x, weights) = (try packed(a, rows, depth), try packed(w, depth, columns))
        let mask = (0..<UInt16(2 * rows)).map { $0 &* 40_503 }
        let count = Panels.floats(rows: rows, columns: columns)
        let space = try workingSpace(width: depth)
        for kernels in InstructionSet.available.map(\.kernels) {
            let (z, y) = (try blank(rows, columns), try blank(rows, columns))
            let (plain, dy) = (try blank(rows, columns), try blank(rows, columns))
            let sums = try blank(1, 48)
            func product(into c: Arena, _ edge: Edge, accumulate: Bool = false) {
                kernels.multiply(
                    Product(
                        a: .panels(x.base, rows: rows), depth: depth, weights: .panels(weights.base),
                        bias: nil, c: c.base, rows: rows, panels: 2, accumulate: accumulate,
                        workingSpace: space.base), edge: edge)
            }
            mask.withUnsafeBufferPointer { words in
                func site(_ input: Arena, _ output: Arena) -> ActivationSite {
                    ActivationSite(
                        activation: function.index, input: input.base, output: output.base,
                        mask: dropout ? words.baseAddress : nil, scale: dropout ? 1.25 : 1)
                }
                product(into: z, .activate(site(z, y)))
                product(into: plain, .none)
                // The product is not stored where only the activation reads it.
                if function.derivativeReadsInput {
                    #expect((0..<count).allSatisfy { z.base[$0] == plain.base[$0] })
                } else {
                    // Plans have the output where the product goes.
                    product(into: dy, .activate(site(dy, dy)))
                    #expect((0..<count).allSatisfy { dy.base[$0] == y.base[$0] })
                }
                kernels.activate(site(plain, plain), count: 2 * rows)
                #expect((0..<count).allSatisfy { y.base[$0] == plain.base[$0] })
                if dropout {
                    for index in 0..<count where mask[index / 16] >> UInt16(index % 16) & 1 == 0 {
                        #expect(y.base[index] == 0)
                    }
                }
                for accumulate in [false, true] {
                    product(into: dy, .differentiate(site(z, y)), accumulate: accumulate)
                    product(into: plain, .none, accumulate: accumulate)
                    kernels.differentiate(
                        site(z, y), dy: plain.base, dx: plain.base, count: 2 * rows, accumulate: false)
                    #expect((0..<count).allSatisfy { dy.base[$0] == plain.base[$0] })
                }

                let column = numbers(rows, 1, seed: 5)
                for (dA, edge) in [(dy, Edge.differentiate(site(z, y))), (plain, .none)] {
                    kernels.columnBackward(
                        ColumnBackward(
                            a: y.base, w: weights.base, dy: column, rows: rows, depth: columns,
                            dA: dA.base, dw: sums.base, db: sums.base + 32,
                            accumulate: false),
                        edge: edge)
                }
                kernels.differentiate(
                    site(z, y), dy: plain.base, dx: plain.base, count: 2 * rows, accumulate: false)
                #expect((0..<count).allSatisfy { dy.base[$0] == plain.base[$0] })

                // In parts with the edge, at once without.
                let edge = Edge.differentiate(site(z, y))
                for (dx, part, edge) in [
                    (dy, 0..<5, edge), (dy, 5..<2 * rows, edge), (plain, 0..<2 * rows, .none),
                ] {
                    _ = kernels.scaleBackward(
                        0.5, x: y.base, dy: y.base, dx: dx.base, rows: part, accumulate: false,
                        edge: edge)
                }
                kernels.differentiate(
                    site(z, y), dy: plain.base, dx: plain.base, count: 2 * rows, accumulate: false)
                #expect((0..<count).allSatisfy { dy.base[$0] == plain.base[$0] })
            }
        }
    }

    @Test(arguments: OptimizerRegistry.all.map(\.name), [0.0, 0.9])
    func instructionSetsAgreeOnOptimizers(name: String, momentum: Double) throws {
        let rule = try OptimizerRegistry.optimizer(named: name)
        let settings = OptimizerSettings(learningRate: 0.1, momentum: momentum, weightDecay: 0.01)
        let (start, gradient) = (numbers(4, 16, seed: 5), numbers(4, 16, seed: 6))
        let results = try InstructionSet.available.map { instructions in
            let (p, g) = (try packed(start, 4, 16), try packed(gradient, 4, 16))
            let moments = try Arena(floats: 128, zeroed: 128)
            for step in 1...5 {
                // In two parts, as two threads would.
                for first in [0, 32] {
                    instructions.kernels.update(
                        rule.index, settings, p.base + first, g.base + first,
                        moments: moments.base + first, stride: 64, count: 32, step: step)
                }
            }
            return unpacked(p, 4, 16)
        }
        for other in results.dropFirst() {
            #expect(distance(other, results[0].map(Double.init)) < 1e-6)
        }
        #expect(results[0] != start)
    }

    @Test func sumsMatchFloat64() throws {
        let (x, y) = (numbers(2, 24, seed: 7), numbers(2, 24, seed: 8))
        let (a, b) = (try packed(x, 3, 16), try packed(y, 3, 16))
        let exact = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let square = zip(x, y).prefix(43).reduce(0.0) {
            $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
        for kernels in InstructionSet.available.map(\.kernels) {
            let dx = try blank(3, 16)
            for round in 1...2 {
                let dot = kernels.scaleBackward(
                    0.5, x: a.base, dy: b.base, dx: dx.base, rows: 0..<3, accumulate: round == 2,
                    edge: .none)
                #expect(abs(Double(dot) - exact) < 1e-5)
                #expect((0..<48).allSatisfy { dx.base[$0] == 0.5 * Float(round) * b.base[$0] })
            }
            let dot = kernels.scaleBackward(
                0.5, x: a.base, dy: b.base, dx: nil, rows: 0..<3, accumulate: false, edge: .none)
            #expect(abs(Double(dot) - exact) < 1e-5)
            // The gradient may take the place of what it is of.
            let replaced = try packed(x, 3, 16)
            let inPlace = kernels.scaleBackward(
                0.5, x: replaced.base, dy: b.base, dx: replaced.base, rows: 0..<3, accumulate: false,
                edge: .none)
            #expect(inPlace == dot)
            #expect((0..<48).allSatisfy { replaced.base[$0] == 0.5 * b.base[$0] })
            var gradient = [Float](repeating: .nan, count: 43)
            let error = kernels.squaredError(
                a.base, b.base, gradient: &gradient, scale: 0.5, count: 43)
            #expect(abs(error - square) < 1e-12)
            #expect(gradient == zip(x, y).prefix(43).map { ($0 - $1) * 0.5 })
        }
    }
}

@Suite struct WeightedSumTests {
    /// Every instruction set rounds each product and each sum, in the order of the inputs.
    @Test(arguments: 1...4, [1, 3, 4, 5, 9])
    func addsInOrder(inputCount: Int, rows: Int) throws {
        let inputs = (0..<inputCount).map { numbers(rows, 16, seed: UInt64($0)) }
        let weights = numbers(1, inputCount, seed: 9)
        let expected = (0..<rows * 16).map { element in
            (1..<inputCount).reduce(inputs[0][element] * weights[0]) {
                $0 + inputs[$1][element] * weights[$1]
            }
        }
        let arenas = try inputs.map { try packed($0, rows, 16) }
        for kernels in InstructionSet.available.map(\.kernels) {
            let sum = try blank(rows, 16)
            kernels.weightedSum(
                arenas.map { UnsafePointer($0.base) }, weights, inputCount: inputCount, into: sum.base,
                count: rows * 16)
            #expect(unpacked(sum, rows, 16) == expected)
        }
    }
}

@Suite struct RandomKernelTests {
    private func mask(
        _ kernels: any KernelSet.Type = InstructionSet.current.kernels, rows: Int,
        firstRow: Int = 0, panels: Int = 2, step: UInt32 = 0, site: UInt32 = 0,
        keep: UInt32 = 39_322
    ) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: panels * rows)
        kernels.fillMask(
            &words,
            MaskDraw(
                key: SIMD4(1, 2, 3, 4), step: step, site: site, keep: keep, panels: panels,
                rows: rows, firstRow: firstRow))
        return words
    }

    @Test func everyInstructionSetDrawsTheSame() {
        for instructions in InstructionSet.available {
            for keep: UInt32 in [0, 1, 39_322, 65_535, 65_536] {
                #expect(
                    mask(instructions.kernels, rows: 37, firstRow: 3, keep: keep)
                        == mask(rows: 37, firstRow: 3, keep: keep), "\(instructions.name)")
            }
            for count in [1, 15, 64, 100] {
                var (own, current) = (
                    [Float](repeating: 0, count: count), [Float](repeating: 0, count: count)
                )
                instructions.kernels.fillUniform(
                    &own, count: count, key: SIMD4(1, 2, 3, 4), limit: 0.5)
                InstructionSet.current.kernels.fillUniform(
                    &current, count: count, key: SIMD4(1, 2, 3, 4), limit: 0.5)
                #expect(own == current, "\(instructions.name)")
                #expect(own.allSatisfy { abs($0) <= 0.5 })
            }
        }
    }

    @Test func uniformNumbersHaveTheirMoments() {
        var values = [Float](repeating: 0, count: 100_000)
        InstructionSet.current.kernels.fillUniform(
            &values, count: values.count, key: SIMD4(5, 6, 7, 8), limit: 1)
        let mean = values.reduce(0.0) { $0 + Double($1) } / 100_000
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / 100_000
        // Five standard deviations of either mean.
        #expect(abs(mean) < 5 * (1.0 / 3 / 100_000).squareRoot())
        #expect(abs(square - 1.0 / 3) < 5 * (4.0 / 45 / 100_000).squareRoot())
        #expect(Set(values).count > 99_000)
    }

    @Test func shareOfOnesIsTheKeepProbability() {
        let words = mask(rows: 4000)
        // 8,000 draws of probability 0.6 per column: five standard deviations are 0.027.
        for column in 0..<16 {
            let ones = words.count { $0 >> UInt16(column) & 1 == 1 }
            #expect(abs(Double(ones) / 8000 - 0.6) < 0.028)
        }
        #expect(mask(rows: 10, keep: 65_536).allSatisfy { $0 == .max })
        #expect(mask(rows: 10, keep: 0).allSatisfy { $0 == 0 })
    }

    @Test func bitsDoNotDependOnTheBlocks() {
        let whole = mask(rows: 24)
        for first in [0, 4, 5, 12, 21] {
            let part = mask(rows: 24 - first, firstRow: first)
            for panel in 0..<2 {
                for row in first..<24 {
                    #expect(part[panel * (24 - first) + row - first] == whole[panel * 24 + row])
                }
            }
        }
    }

    @Test func stepsAndSitesDiffer() {
        let first = mask(rows: 64)
        #expect(first != mask(rows: 64, step: 1))
        #expect(first != mask(rows: 64, site: 1))
        #expect(Array(first[..<64]) != Array(first[64...]))
    }
}
