import Glibc
import Testing

@testable import NASEngine

/// Every 16,411th float32 from −∞ to ∞: about 260,000 numbers, all exponents among them.
private let sweep: [Float] = stride(from: 0, to: UInt32.max - 16_411, by: 16_411)
    .map { Float(bitPattern: $0) }.filter(\.isFinite)

private func largestError(
    _ numbers: some Sequence<Float>, _ function: (Kernels.Vector) -> Kernels.Vector,
    _ exact: (Double) -> Double, relative: Bool
) -> Double {
    var worst = 0.0
    for x in numbers {
        let y = Double(function(Kernels.Vector(repeating: x))[3])
        let expected = exact(Double(x))
        let error = abs(y - expected) / (relative ? max(abs(expected), 1e-37) : 1)
        worst = max(worst, error)
    }
    return worst
}

@Suite struct VectorMathTests {
    @Test func exponential() {
        let inside = sweep.lazy.filter { $0 >= -87 && $0 <= 88 }
        #expect(largestError(inside, { Kernels.exp($0) }, Glibc.exp, relative: true) < 2e-7)
        #expect(Kernels.exp(Kernels.Vector(repeating: -1000))[0] < 1e-37)
        #expect(Kernels.exp(Kernels.Vector(repeating: 1000))[0] > 1e38)
    }

    @Test func hyperbolicTangent() {
        #expect(largestError(sweep, { Kernels.tanh($0) }, Glibc.tanh, relative: true) < 4e-7)
    }

    @Test func exponentialMinusOne() {
        let inside = sweep.lazy.filter { $0 <= 0 }
        let error = largestError(
            inside, { Kernels.expMinusOne($0) }, Glibc.expm1, relative: true)
        #expect(error < 8e-7)
    }

    @Test func errorFunction() {
        #expect(largestError(sweep, { Kernels.erf($0) }, Glibc.erf, relative: false) < 2e-7)
    }

    @Test func logisticFunction() {
        let error = largestError(
            sweep, { Kernels.sigmoid($0) }, { 1 / (1 + Glibc.exp(-$0)) }, relative: false)
        #expect(error < 2e-7)
    }

    @Test func notANumberStaysSo() {
        let nan = Kernels.Vector(repeating: .nan)
        for function in ActivationRegistry.all {
            #expect(function.value(nan)[0].isNaN, "\(function.name)")
        }
        #expect(Kernels.erf(nan)[0].isNaN)
    }
}
