import NASKernelInterface
import Testing

@testable import NASEngine

@Suite struct ProductTests {
    /// Each product differs from float64 by at most the rounding of its `depth` additions.
    private func tolerance(_ depth: Int) -> Double { Double(depth + 1) * 0x1p-23 }

    /// The rows reach every tile of every instruction set, and 64 the smaller blocks; the depth a second block of weights.
    @Test(arguments: edgeSizes + [24, 53, 64], edgeSizes + [209])
    func forwardProductMatchesTheNaiveLoop(rows: Int, depth: Int) throws {
        let columns = 19
        let a = numbers(rows, depth, seed: 3)
        let w = numbers(depth, columns, seed: 4)
        let bias = numbers(1, columns, seed: 5)
        let weights = try packed(w, depth, columns)
        let offset = try packed(bias, 1, columns)
        let (panels, space) = (try packed(a, rows, depth), try workingSpace(width: depth))
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
                    let result = try blank(rows, columns)
                    instructions.kernels.multiply(
                        Product(
                            a: operand, depth: depth, weights: .panels(weights.base), bias: offset.base,
                            c: result.base, rows: rows, panels: 2, accumulate: false,
                            workingSpace: space.base), edge: .none)
                    let worst = distance(unpacked(result, rows, columns), expected)
                    #expect(worst < tolerance(depth), "\(instructions.name)")
                }
            }
        }
    }

    /// With zeros to skip and without; in several blocks of inputs and, with AVX-512, of outputs.
    @Test(
        arguments: edgeSizes + [40], [(1, 3), (5, 16), (16, 17), (33, 130), (209, 33), (48, 400)])
    func transposedWeightsGiveTheSameBits(rows: Int, weights: (depth: Int, columns: Int)) throws {
        let (depth, columns) = weights
        let w = numbers(depth, columns, seed: 14)
        let turned = (0..<columns * depth).map { w[$0 % depth * columns + $0 / depth] }
        let (plain, transposed) = (try packed(w, depth, columns), try packed(turned, columns, depth))
        let space = try workingSpace(width: max(depth, columns))
        let count = Panels.floats(rows: rows, columns: columns)
        for (instructions, share) in InstructionSet.available.flatMap({ [($0, 0.2), ($0, 1)] }) {
            let a = try packed(sparse(rows, depth, share: share, seed: 13), rows, depth)
            let (expected, found) = (try blank(rows, columns), try blank(rows, columns))
            func multiply(_ weights: Weights, into c: Arena, accumulate: Bool) {
                instructions.kernels.multiply(
                    Product(
                        a: .panels(a.base, rows: rows), depth: depth, weights: weights, bias: nil,
                        c: c.base, rows: rows, panels: Panels.count(columns), accumulate: accumulate,
                        workingSpace: space.base), edge: .none)
            }
            for accumulate in [false, true] {
                multiply(.panels(plain.base), into: expected, accumulate: accumulate)
                multiply(
                    .transposed(transposed.base, columns: columns), into: found, accumulate: accumulate)
                // Columns that fill up the last panel, too.
                #expect(
                    (0..<count).allSatisfy { found.base[$0] == expected.base[$0] },
                    "\(instructions.name), \(share)")
            }
        }
    }

    @Test(arguments: edgeSizes + [209])
    func accumulationAddsToWhatIsThere(depth: Int) throws {
        let a = try packed(numbers(7, depth, seed: 6), 7, depth)
        let w = try packed(numbers(depth, 3, seed: 7), depth, 3)
        let space = try workingSpace(width: depth)
        for instructions in InstructionSet.available {
            let (once, twice) = (try blank(7, 3), try blank(7, 3))
            func multiply(_ c: Arena, accumulate: Bool) {
                instructions.kernels.multiply(
                    Product(
                        a: .panels(a.base, rows: 7), depth: depth, weights: .panels(w.base), bias: nil,
                        c: c.base, rows: 7, panels: 1, accumulate: accumulate,
                        workingSpace: space.base), edge: .none)
            }
            multiply(once, accumulate: false)
            multiply(twice, accumulate: false)
            multiply(twice, accumulate: true)
            let doubled = unpacked(once, 7, 3).map { 2 * Double($0) }
            #expect(distance(unpacked(twice, 7, 3), doubled) < (depth < 64 ? 1e-6 : tolerance(depth)))
        }
    }

    // From 257 rows on, they may be added up in parts; from 208 columns on, these are taken in blocks.
    @Test(arguments: edgeSizes + [256, 257, 601], edgeSizes + [209])
    func weightGradientMatchesTheNaiveLoop(rows: Int, depth: Int) throws {
        let columns = 18
        let (a, g) = (numbers(rows, depth, seed: 8), numbers(rows, columns, seed: 9))
        let (inputs, gradient) = (try packed(a, rows, depth), try packed(g, rows, columns))
        let expected = (0..<depth * columns).map { index in
            (0..<rows).reduce(0.0) {
                $0 + Double(a[$1 * depth + index / columns])
                    * Double(g[$1 * columns + index % columns])
            }
        }
        let sums = (0..<columns).map { column in
            (0..<rows).reduce(0.0) { $0 + Double(g[$1 * columns + column]) }
        }
        let space = try workingSpace(width: depth)
        for instructions in InstructionSet.available {
            let (dW, db) = (try blank(depth, columns), try blank(1, columns))
            for round in 1...2 {
                instructions.kernels.weightGradient(
                    WeightGradient(
                        a: .panels(inputs.base, rows: rows), depth: depth, dC: gradient.base,
                        rows: rows, panels: 2, dW: dW.base, db: db.base, accumulate: round == 2,
                        workingSpace: space.base))
                let scaled = (expected.map { $0 * Double(round) }, sums.map { $0 * Double(round) })
                #expect(
                    distance(unpacked(dW, depth, columns), scaled.0) < 2 * tolerance(rows),
                    "\(instructions.name)")
                #expect(distance(unpacked(db, 1, columns), scaled.1) < 2 * tolerance(rows))
            }
        }
    }

    @Test(arguments: edgeSizes, edgeSizes)
    func oneColumnMatchesTheNaiveLoop(rows: Int, depth: Int) throws {
        let (a, w) = (numbers(rows, depth, seed: 10), numbers(1, depth, seed: 11))
        let (inputs, weights) = (try packed(a, rows, depth), try packed(w, 1, depth))
        // Whatever lies beyond the last column must not matter.
        let last = Panels.count(depth) - 1
        for row in 0..<rows {
            for lane in 0..<16 where last * 16 + lane >= depth {
                inputs.base[(last * rows + row) * 16 + lane] = 0.5
            }
        }
        let dy = numbers(rows, 1, seed: 12)
        for kernels in InstructionSet.available.map(\.kernels) {
            var y = [Float](repeating: .nan, count: rows)
            y.withUnsafeMutableBufferPointer { y in
                guard let base = y.baseAddress else { return }
                kernels.columnForward(
                    ColumnForward(
                        a: inputs.base, w: weights.base, bias: 0.25, y: base, rows: rows, depth: depth),
                    edge: .none)
            }
            let values = (0..<rows).map { row in
                (0..<depth).reduce(0.25) { $0 + Double(a[row * depth + $1]) * Double(w[$1]) }
            }
            #expect(distance(y, values) < tolerance(depth))
            for row in 0..<rows {
                let own = try packed(Array(a[row * depth..<(row + 1) * depth]), 1, depth)
                let alone = try blank(1, 1)
                kernels.columnForward(
                    ColumnForward(
                        a: own.base, w: weights.base, bias: 0.25, y: alone.base, rows: 1, depth: depth),
                    edge: .none)
                #expect(alone.base[0] == y[row], "row \(row) of \(rows), alone")
            }

            let (dw, db) = (try blank(1, depth), try blank(1, 1))
            let dx = try blank(rows, depth)
            for round in 1...2 {
                kernels.columnBackward(
                    ColumnBackward(
                        a: inputs.base, w: weights.base, dy: dy, rows: rows, depth: depth,
                        dA: dx.base, dw: dw.base, db: db.base, accumulate: round == 2),
                    edge: .none)
                let gradient = (0..<depth).map { k in
                    (0..<rows).reduce(0.0) {
                        $0 + Double(round) * Double(a[$1 * depth + k]) * Double(dy[$1])
                    }
                }
                #expect(distance(unpacked(dw, 1, depth), gradient) < Double(round) * tolerance(rows))
                #expect((depth..<(last + 1) * 16).allSatisfy { dw.base[$0] == 0 })
                let sum = dy.reduce(0.0) { $0 + Double(round) * Double($1) }
                #expect(abs(Double(db.base[0]) - sum) < Double(round) * tolerance(rows))
            }
            let products = (0..<rows * depth).map { Double(dy[$0 / depth] * w[$0 % depth]) }
            #expect(unpacked(dx, rows, depth).map(Double.init) == products)
        }
    }

    @Test func theBaselineIsAlwaysThere() {
        #expect(InstructionSet.available.last?.name == "baseline")
        #expect(InstructionSet.available.contains { $0.name == InstructionSet.current.name })
    }
}
