import Glibc
import NASKernelInterface
import Testing

@testable import NASEngine

/// Every 16,411th float32 from −∞ to ∞: about 260,000 numbers, all exponents among them.
private let sweep: [Float] = stride(from: 0, to: UInt32.max - 16_411, by: 16_411)
    .map { Float(bitPattern: $0) }.filter(\.isFinite)

private func values(
    _ function: MathFunction, _ numbers: [Float], _ instructions: InstructionSet
) throws -> [Float] {
    let count = (numbers.count + 15) / 16 * 16
    let (x, y) = (try Arena(floats: count, zeroed: count), try Arena(floats: count, zeroed: 0))
    x.base.update(from: numbers, count: numbers.count)
    instructions.kernels.evaluate(function, x.base, into: y.base, count: count)
    return (0..<numbers.count).map { y.base[$0] }
}

@Suite struct VectorMathTests {
    private func check(
        _ function: MathFunction, _ numbers: [Float] = sweep, relative: Bool, within bound: Double,
        _ exact: (Double) -> Double
    ) throws {
        for instructions in InstructionSet.available {
            let results = try values(function, numbers, instructions)
            var worst = 0.0
            for (x, y) in zip(numbers, results) {
                let expected = exact(Double(x))
                let error = abs(Double(y) - expected) / (relative ? max(abs(expected), 1e-37) : 1)
                worst = max(worst, error)
            }
            #expect(worst < bound, "\(function) with \(instructions.name)")
        }
    }

    @Test func exponential() throws {
        let inside = sweep.filter { $0 >= -87 && $0 <= 88 }
        try check(.exp, inside, relative: true, within: 2e-7, Glibc.exp)
        for instructions in InstructionSet.available {
            let ends = try values(.exp, [-1000, 1000], instructions)
            #expect(ends[0] < 1e-37 && ends[1] > 1e38, "\(instructions.name)")
        }
    }

    @Test func hyperbolicTangent() throws {
        try check(.tanh, relative: true, within: 4e-7, Glibc.tanh)
    }

    @Test func exponentialMinusOne() throws {
        let inside = sweep.filter { $0 <= 0 }
        try check(.expMinusOne, inside, relative: true, within: 8e-7, Glibc.expm1)
    }

    @Test func errorFunction() throws {
        try check(.erf, relative: false, within: 2e-7, Glibc.erf)
    }

    @Test func logisticFunction() throws {
        try check(.sigmoid, relative: false, within: 2e-7) { 1 / (1 + Glibc.exp(-$0)) }
    }

    @Test func notANumberStaysSo() throws {
        let input = try Arena(floats: 16, zeroed: 16)
        for instructions in InstructionSet.available {
            for function in MathFunction.allCases {
                #expect(try values(function, [.nan], instructions)[0].isNaN, "\(function)")
            }
            for function in ActivationRegistry.all {
                input.base[3] = .nan
                instructions.kernels.activate(
                    ActivationSite(
                        activation: function.index, input: input.base, output: input.base,
                        mask: nil, scale: 1), count: 1)
                #expect(input.base[3].isNaN, "\(function.name) with \(instructions.name)")
            }
        }
    }
}
