import Glibc
import NASKernelInterface
import Testing

@testable import NASEngine

/// Products of 256 rows and columns and more, which are done by quarters where an instruction set gains by that.
@Suite struct StrassenTests {
    struct Shape: CustomTestStringConvertible {
        let rows: Int
        let depth: Int
        let columns: Int

        var testDescription: String { "\(rows) × \(depth) × \(columns)" }
    }

    /// Halves of rows that fill up the largest tiles or not, several parts of the depth, several blocks of columns.
    static let shapes = [
        Shape(rows: 240, depth: 256, columns: 256), Shape(rows: 246, depth: 288, columns: 320),
        Shape(rows: 408, depth: 512, columns: 256), Shape(rows: 242, depth: 256, columns: 800),
    ]

    /// The algorithm's own rounding for numbers in ±1, with one level, is a few times that of a sum in order.
    private func tolerance(_ depth: Int) -> Double { 2 * Double(depth + 1) * 0x1p-23 }

    private func product(_ a: [Float], _ w: [Float], _ shape: Shape, _ bias: [Float]) -> [Double] {
        var result = [Double](repeating: 0, count: shape.rows * shape.columns)
        for row in 0..<shape.rows {
            for k in 0..<shape.depth {
                let x = Double(a[row * shape.depth + k])
                for column in 0..<shape.columns {
                    result[row * shape.columns + column] += x * Double(w[k * shape.columns + column])
                }
            }
            for column in 0..<shape.columns { result[row * shape.columns + column] += Double(bias[column]) }
        }
        return result
    }

    /// What ``KernelSet/sumQuarters(_:depth:panels:into:)`` makes; nil where it would not gain.
    private func sums(
        _ instructions: InstructionSet, _ weights: Arena, depth: Int, columns: Int, rows: Int
    ) throws -> Arena? {
        let count = instructions.kernels.quarterSumsCount(
            depth: depth, width: columns, rows: rows, nonzeros: 1)
        guard count > 0 else { return nil }
        let sums = try blank(count / Panels.width, Panels.width)
        instructions.kernels.sumQuarters(
            weights.base, depth: depth, panels: Panels.count(columns), into: sums.base)
        return sums
    }

    @Test(arguments: shapes)
    func forwardProductMatchesTheNaiveLoop(_ shape: Shape) throws {
        let (rows, depth, columns) = (shape.rows, shape.depth, shape.columns)
        let (a, w) = (numbers(rows, depth, seed: 21), numbers(depth, columns, seed: 22))
        let bias = numbers(1, columns, seed: 23)
        let expected = product(a, w, shape, bias)
        let (inputs, weights) = (try packed(a, rows, depth), try packed(w, depth, columns))
        let (offset, space) = (try packed(bias, 1, columns), try workingSpace(width: max(depth, columns)))
        for instructions in InstructionSet.available {
            let sums = try sums(instructions, weights, depth: depth, columns: columns, rows: rows)
            let c = try blank(rows, columns)
            // Values of both kinds of edges: in the tiles, and behind them.
            for name in ["Identity", "LeakyReLU", "Tanh"] {
                let function = try ActivationRegistry.function(named: name)
                let site = ActivationSite(
                    activation: function.index, input: c.base, output: c.base, mask: nil, scale: 1)
                instructions.kernels.multiply(
                    Product(
                        a: .panels(inputs.base, rows: rows), depth: depth, weights: .panels(weights.base),
                        bias: offset.base, c: c.base, rows: rows, panels: Panels.count(columns),
                        accumulate: false, workingSpace: space.base, quarterSums: sums?.base),
                    edge: .activate(site))
                let values = expected.map { x in
                    switch name {
                    case "LeakyReLU": x > 0 ? x : 0.01 * x
                    case "Tanh": tanh(x)
                    default: x
                    }
                }
                #expect(
                    distance(unpacked(c, rows, columns), values) < tolerance(depth),
                    "\(instructions.name), \(name)")
            }
        }
    }

    @Test(arguments: shapes)
    func inputGradientMatchesTheNaiveLoop(_ shape: Shape) throws {
        // The layer has `columns` inputs and `depth` outputs.
        let (rows, depth, columns) = (shape.rows, shape.depth, shape.columns)
        let (a, w) = (numbers(rows, depth, seed: 24), numbers(depth, columns, seed: 25))
        let turned = (0..<columns * depth).map { w[$0 % depth * columns + $0 / depth] }
        let expected = product(a, w, shape, [Float](repeating: 0, count: columns))
        let (gradient, weights) = (try packed(a, rows, depth), try packed(turned, columns, depth))
        let output = numbers(rows, columns, seed: 26)
        let values = try packed(output, rows, columns)
        let space = try workingSpace(width: max(depth, columns))
        for instructions in InstructionSet.available {
            let sums = try sums(instructions, weights, depth: columns, columns: depth, rows: rows)
            let dx = try blank(rows, columns)
            for name in ["Identity", "LeakyReLU", "Tanh"] {
                let function = try ActivationRegistry.function(named: name)
                let site = ActivationSite(
                    activation: function.index, input: values.base, output: values.base, mask: nil, scale: 1)
                instructions.kernels.multiply(
                    Product(
                        a: .panels(gradient.base, rows: rows), depth: depth,
                        weights: .transposed(weights.base, columns: columns), bias: nil, c: dx.base,
                        rows: rows, panels: Panels.count(columns), accumulate: false,
                        workingSpace: space.base, quarterSums: sums?.base), edge: .differentiate(site))
                let products = zip(expected, output).map { sum, y in
                    switch name {
                    case "LeakyReLU": y > 0 ? sum : 0.01 * sum
                    case "Tanh": sum * (1 - Double(y * y))
                    default: sum
                    }
                }
                #expect(
                    distance(unpacked(dx, rows, columns), products) < tolerance(depth),
                    "\(instructions.name), \(name)")
            }
        }
    }

    @Test(arguments: shapes)
    func weightGradientMatchesTheNaiveLoop(_ shape: Shape) throws {
        let (rows, depth, columns) = (shape.rows, shape.depth, shape.columns)
        let (a, g) = (numbers(rows, depth, seed: 27), numbers(rows, columns, seed: 28))
        let turned = (0..<depth * rows).map { a[$0 % rows * depth + $0 / rows] }
        let expected = product(
            turned, g, Shape(rows: depth, depth: rows, columns: columns),
            [Float](repeating: 0, count: columns))
        let sums = (0..<columns).map { column in
            (0..<rows).reduce(0.0) { $0 + Double(g[$1 * columns + column]) }
        }
        let (inputs, gradient) = (try packed(a, rows, depth), try packed(g, rows, columns))
        let space = try workingSpace(width: max(depth, columns))
        for instructions in InstructionSet.available {
            let (dW, db) = (try blank(depth, columns), try blank(1, columns))
            for round in 1...2 {
                instructions.kernels.weightGradient(
                    WeightGradient(
                        a: .panels(inputs.base, rows: rows), depth: depth, dC: gradient.base, rows: rows,
                        panels: Panels.count(columns), dW: dW.base, db: db.base, accumulate: round == 2,
                        workingSpace: space.base, allowsQuarters: true))
                let times = Double(round)
                #expect(
                    distance(unpacked(dW, depth, columns), expected.map { $0 * times })
                        < times * tolerance(rows), "\(instructions.name), round \(round)")
                #expect(distance(unpacked(db, 1, columns), sums.map { $0 * times }) < times * tolerance(rows))
            }
        }
    }

    /// What is added up from all blocks of rows is the same whether a gradient is added to what is there by the kernel or
    /// by someone else; and columns of zeros have a gradient of zero where quarters are not allowed.
    @Test func gradientsOfBlocksAreAddedWhenTheyAreComplete() throws {
        let (rows, width) = (240, 288)
        let a = numbers(rows, width, seed: 34).enumerated().map { $0 % width < 3 ? 0 : $1 }
        let (inputs, gradient) = (
            try packed(a, rows, width), try packed(numbers(rows, width, seed: 35), rows, width)
        )
        let before = numbers(width, width, seed: 36)
        let space = try workingSpace(width: width)
        for instructions in InstructionSet.available {
            func dW(accumulate: Bool, allowsQuarters: Bool = true) throws -> [Float] {
                let (dW, db) = (try packed(before, width, width), try packed(before, 1, width))
                instructions.kernels.weightGradient(
                    WeightGradient(
                        a: .panels(inputs.base, rows: rows), depth: width, dC: gradient.base, rows: rows,
                        panels: Panels.count(width), dW: dW.base, db: db.base, accumulate: accumulate,
                        workingSpace: space.base, allowsQuarters: allowsQuarters))
                return unpacked(dW, width, width)
            }
            let sums = zip(before, try dW(accumulate: false)).map { $0 + $1 }
            #expect(try dW(accumulate: true) == sums, "\(instructions.name)")
            let byRows = try dW(accumulate: false, allowsQuarters: false)
            #expect(byRows[..<(3 * width)].allSatisfy { $0 == 0 }, "\(instructions.name)")
        }
    }

    /// Without sums, with an odd number of rows, few of them or something there already, it is the product row by row.
    @Test(arguments: [(240, false), (241, false), (200, false), (240, true)])
    func otherProductsKeepTheirBits(rows: Int, accumulate: Bool) throws {
        let (depth, columns) = (256, 288)
        let a = try packed(numbers(rows, depth, seed: 29), rows, depth)
        let w = try packed(numbers(depth, columns, seed: 30), depth, columns)
        let space = try workingSpace(width: columns)
        for instructions in InstructionSet.available {
            let sums = try sums(instructions, w, depth: depth, columns: columns, rows: 408)
            func multiply(_ a: Arena, _ rows: Int, _ sums: Arena?) throws -> Arena {
                let c = try packed(numbers(rows, columns, seed: 31), rows, columns)
                instructions.kernels.multiply(
                    Product(
                        a: .panels(a.base, rows: rows), depth: depth, weights: .panels(w.base), bias: nil,
                        c: c.base, rows: rows, panels: Panels.count(columns), accumulate: accumulate,
                        workingSpace: space.base, quarterSums: sums?.base), edge: .none)
                return c
            }
            let isByQuarters = sums != nil && rows == 240 && !accumulate
            let found = unpacked(try multiply(a, rows, sums), rows, columns)
            let expected = unpacked(try multiply(a, rows, nil), rows, columns)
            #expect((found == expected) == !isByQuarters, "\(instructions.name)")
        }
    }

    /// Zeros are skipped where a layer was expected to make none.
    @Test func zerosAreStillSkipped() throws {
        let (rows, width) = (240, 256)
        let a = try packed(sparse(rows, width, share: 0.3, seed: 32), rows, width)
        let w = try packed(numbers(width, width, seed: 33), width, width)
        let space = try workingSpace(width: width)
        for instructions in InstructionSet.available {
            let sums = try sums(instructions, w, depth: width, columns: width, rows: rows)
            let results = try [sums, nil].map { sums in
                let c = try blank(rows, width)
                instructions.kernels.multiply(
                    Product(
                        a: .panels(a.base, rows: rows), depth: width, weights: .panels(w.base), bias: nil,
                        c: c.base, rows: rows, panels: Panels.count(width), accumulate: false,
                        workingSpace: space.base, quarterSums: sums?.base), edge: .none)
                return unpacked(c, rows, width)
            }
            #expect(results[0] == results[1], "\(instructions.name)")
        }
    }

    @Test func onlyWhereItGains() {
        for kernels in InstructionSet.available.map(\.kernels) {
            func count(_ depth: Int, _ width: Int, _ rows: Int, _ nonzeros: Double) -> Int {
                kernels.quarterSumsCount(depth: depth, width: width, rows: rows, nonzeros: nonzeros)
            }
            #expect(count(250, 256, 408, 1) == 0 && count(256, 240, 408, 1) == 0)
            #expect(count(272, 256, 408, 1) == 0 && count(256, 272, 408, 1) == 0)
            #expect(count(256, 256, 200, 1) == 0 && count(256, 256, 408, 0.5) == 0)
            #expect([0, 256 * 288].contains(count(256, 288, 408, 1)))
        }
    }
}
