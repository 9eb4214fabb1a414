import Testing

@testable import NASEngine

/// A row-major matrix of reproducible numbers in ±1.
private func numbers(_ rows: Int, _ columns: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<rows * columns).map { _ in Float(random.uniform() * 2 - 1) }
}

/// An arena that holds `matrix` in panels.
private func packed(_ matrix: [Float], _ rows: Int, _ columns: Int) throws -> Arena {
    let arena = try Arena(floats: Kernels.paneled(rows: rows, columns: columns))
    Kernels.pack(matrix, rows: rows, columns: columns, into: arena.base)
    return arena
}

private func unpacked(_ arena: Arena, _ rows: Int, _ columns: Int) -> [Float] {
    var matrix = [Float](repeating: .nan, count: rows * columns)
    Kernels.unpack(arena.base, rows: rows, columns: columns, into: &matrix)
    return matrix
}

/// Sizes at and around the tiles' edges.
private let sizes = [1, 5, 6, 7, 15, 16, 17, 33]

@Suite struct PanelTests {
    @Test(arguments: sizes, sizes) func packAndUnpackAreInverse(rows: Int, columns: Int) throws {
        let matrix = numbers(rows, columns, seed: 1)
        #expect(unpacked(try packed(matrix, rows, columns), rows, columns) == matrix)
    }

    @Test(arguments: sizes, sizes) func transposeMovesEveryElement(rows: Int, columns: Int) throws {
        let matrix = numbers(rows, columns, seed: 2)
        let source = try packed(matrix, rows, columns)
        let target = try Arena(floats: Kernels.paneled(rows: columns, columns: rows))
        target.base.update(repeating: .nan, count: target.count)
        Kernels.transpose(source.base, rows: rows, columns: columns, into: target.base)
        let transposed = unpacked(target, columns, rows)
        for row in 0..<rows {
            for column in 0..<columns {
                #expect(transposed[column * rows + row] == matrix[row * columns + column])
            }
        }
        #expect((0..<target.count).allSatisfy { target.base[$0].isFinite })
    }
}

@Suite struct ProductTests {
    /// Each product differs from float64 by at most the rounding of its `depth` additions.
    private func tolerance(_ depth: Int) -> Double { Double(depth + 1) * 0x1p-23 }

    @Test(arguments: sizes, sizes)
    func forwardProductMatchesTheNaiveLoop(rows: Int, depth: Int) throws {
        let columns = 19
        let a = numbers(rows, depth, seed: 3)
        let w = numbers(depth, columns, seed: 4)
        let bias = numbers(1, columns, seed: 5)
        let weights = try packed(w, depth, columns)
        let offset = try packed(bias, 1, columns)
        let panels = try packed(a, rows, depth)
        let result = try Arena(floats: Kernels.paneled(rows: rows, columns: columns))
        let expected = (0..<rows * columns).map { index in
            let (row, column) = (index / columns, index % columns)
            return (0..<depth).reduce(Double(bias[column])) {
                $0 + Double(a[row * depth + $1]) * Double(w[$1 * columns + column])
            }
        }
        try a.withUnsafeBufferPointer { buffer in
            let rowMajor = Operand.rowMajor(try #require(buffer.baseAddress), columns: depth)
            for operand in [rowMajor, .panels(panels.base, rows: rows)] {
                for instructions in InstructionSet.available {
                    Kernels.multiply(
                        operand, depth: depth, weights: weights.base, bias: offset.base,
                        into: result.base, rows: rows, panels: Kernels.panels(columns),
                        with: instructions)
                    let c = unpacked(result, rows, columns)
                    let worst = expected.indices.map { abs(Double(c[$0]) - expected[$0]) }.max()
                    #expect(worst ?? 0 < tolerance(depth), "\(instructions.name)")
                }
            }
        }
    }

    @Test func accumulationAddsToWhatIsThere() throws {
        let a = try packed(numbers(7, 5, seed: 6), 7, 5)
        let w = try packed(numbers(5, 3, seed: 7), 5, 3)
        let once = try Arena(floats: Kernels.paneled(rows: 7, columns: 3))
        let twice = try Arena(floats: once.count)
        let operand = Operand.panels(a.base, rows: 7)
        for accumulate in [false, true] {
            Kernels.multiply(
                operand, depth: 5, weights: w.base, bias: nil, into: twice.base, rows: 7,
                panels: 1, accumulate: accumulate)
        }
        Kernels.multiply(
            operand, depth: 5, weights: w.base, bias: nil, into: once.base, rows: 7, panels: 1)
        for i in 0..<once.count { #expect(abs(twice.base[i] - 2 * once.base[i]) < 1e-6) }
    }

    @Test(arguments: sizes, sizes)
    func weightGradientMatchesTheNaiveLoop(rows: Int, depth: Int) throws {
        let columns = 18
        let a = numbers(rows, depth, seed: 8)
        let g = numbers(rows, columns, seed: 9)
        let inputs = try packed(a, rows, depth)
        let gradient = try packed(g, rows, columns)
        let bias = try Arena(floats: Kernels.paneled(rows: 1, columns: columns))
        let expected = (0..<depth * columns).map { index in
            (0..<rows).reduce(0.0) {
                $0 + Double(a[$1 * depth + index / columns])
                    * Double(g[$1 * columns + index % columns])
            }
        }
        for instructions in InstructionSet.available {
            let result = try Arena(floats: Kernels.paneled(rows: depth, columns: columns))
            Kernels.accumulateWeightGradient(
                .panels(inputs.base, rows: rows), depth: depth, dC: gradient.base, rows: rows,
                panels: Kernels.panels(columns), into: result.base, with: instructions)
            let dW = unpacked(result, depth, columns)
            let worst = expected.indices.map { abs(Double(dW[$0]) - expected[$0]) }.max()
            #expect(worst ?? 0 < tolerance(rows), "\(instructions.name)")
        }
        Kernels.accumulateBiasGradient(
            gradient.base, rows: rows, panels: Kernels.panels(columns), into: bias.base)
        let db = unpacked(bias, 1, columns)
        for column in 0..<columns {
            let sum = (0..<rows).reduce(0.0) { $0 + Double(g[$1 * columns + column]) }
            #expect(abs(Double(db[column]) - sum) < tolerance(rows))
        }
    }

    @Test func theBaselineIsAlwaysThere() {
        #expect(InstructionSet.available.last?.name == "baseline")
        #expect(InstructionSet.available.contains { $0.name == InstructionSet.current.name })
    }
}

@Suite struct DropoutMaskTests {
    private func mask(
        rows: Int, firstRow: Int = 0, panels: Int = 2, epoch: UInt32 = 0, site: UInt32 = 0,
        keep: UInt32 = 39_322
    ) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: panels * rows)
        Kernels.fillMask(
            &words, key: [1, 2, 3, 4], epoch: epoch, site: site, keep: keep, panels: panels,
            rows: rows, firstRow: firstRow)
        return words
    }

    @Test func shareOfOnesIsTheKeepProbability() {
        let bits = mask(rows: 4000).reduce(0) { $0 + $1.nonzeroBitCount }
        // 128,000 draws of probability 0.6: five standard deviations are 0.007.
        #expect(abs(Double(bits) / 128_000 - 0.6) < 0.007)
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

    @Test func epochsAndSitesDiffer() {
        let first = mask(rows: 64)
        #expect(first != mask(rows: 64, epoch: 1))
        #expect(first != mask(rows: 64, site: 1))
        #expect(Array(first[..<64]) != Array(first[64...]))
    }
}
