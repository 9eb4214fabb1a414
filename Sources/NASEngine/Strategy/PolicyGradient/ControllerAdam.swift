#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Adam (Kingma and Ba 2015) with PyTorch's defaults, for the controller's float64 parameters.
struct ControllerAdam: Sendable {
    private static let beta1 = 0.9
    private static let beta2 = 0.999
    private static let epsilon = 1e-8

    let learningRate: Double
    var first: [Double]
    var second: [Double]
    var step = 0

    init(learningRate: Double, count: Int) {
        self.learningRate = learningRate
        first = [Double](repeating: 0, count: count)
        second = first
    }

    mutating func update(_ values: inout [Double], _ gradient: [Double]) {
        step += 1
        let correction1 = 1 - pow(Self.beta1, Double(step))
        let correction2 = (1 - pow(Self.beta2, Double(step))).squareRoot()
        for index in values.indices {
            first[index] += (1 - Self.beta1) * (gradient[index] - first[index])
            second[index] =
                Self.beta2 * second[index] + (1 - Self.beta2) * gradient[index] * gradient[index]
            values[index] -=
                learningRate / correction1 * first[index]
                / (second[index].squareRoot() / correction2 + Self.epsilon)
        }
    }
}
