/// `values` · 2^`exponent`: numbers of any size, the largest of `values` kept between 1 and 2.
struct ScaledVector {
    private(set) var values: [Double]
    private(set) var exponent: Int

    init(_ values: [Double], exponent: Int = 0) {
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest > 0, largest.isFinite else {
            self.values = values
            self.exponent = exponent
            return
        }
        let shift = Int(largest.exponent)
        let scale = power(-shift)
        self.values = values.map { $0 * scale }
        self.exponent = exponent + shift
    }

    /// The sum of vectors of one length, at least one.
    static func sum(_ vectors: [ScaledVector]) -> ScaledVector {
        // Zeros have no size that others should be aligned with.
        let summands = vectors.filter { $0.values.contains { $0 != 0 } }
        guard let exponent = summands.map(\.exponent).max() else { return vectors[0] }
        var total = [Double](repeating: 0, count: vectors[0].values.count)
        for vector in summands {
            let scale = power(vector.exponent - exponent)
            for index in total.indices { total[index] += scale * vector.values[index] }
        }
        return ScaledVector(total, exponent: exponent)
    }

    /// Σᵢ xᵢ·yᵢ of two vectors as a vector of one element.
    func dot(_ other: ScaledVector) -> ScaledVector {
        ScaledVector(
            [zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }],
            exponent: exponent + other.exponent)
    }
}

/// 2^`exponent`; 0 or infinity beyond the range.
private func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
}
