#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How differently the untrained network responds to different rows.
///
/// The Jacobian of a row is the gradient of its summed outputs by its features. With v the eigenvalues of
/// the matrix of correlations of all rows' Jacobians, the score is −Σ(log(v + k) + 1/(v + k)), k = 1e-5: the
/// more alike they are, the lower. A Jacobian whose features are all equal has no correlation; such rows
/// count as alike among themselves and as uncorrelated with the others. With one feature that is all.
enum JacobianCovariance: Proxy {
    static let name = "jacobian_covariance"
    static let summary =
        "How little the input Jacobians of a batch's rows correlate "
        + "(Mellor et al. 2020, arXiv:2006.04647v1)."
    static let isLargerBetter = true

    private static let k = 1e-5

    static func score(_ untrained: UntrainedCandidate) throws(EngineError) -> Double {
        let (rows, features) = (untrained.batch.rows, untrained.candidate.inputWidth)
        // Jacobians in float32, their directions in float64.
        try Machine.checkMemory(
            rows * (features + 1) * (MemoryLayout<Float>.stride + MemoryLayout<Double>.stride))
        let jacobians = try Arena(floats: rows * features, zeroed: 0)
        let plan = try untrained.plan(untrained.candidate.network.differentiatingData())
        guard
            plan.dataGradient(
                untrained.batch, into: jacobians.base, cancellation: untrained.cancellation)
        else { return .nan }
        return score(
            (0..<rows).lazy.map { row in
                (0..<features).map { Double(jacobians.base[row * features + $0]) }
            })
    }

    /// The score of Jacobians, one per row.
    static func score(_ jacobians: some Collection<[Double]>) -> Double {
        let directions = jacobians.map(direction)
        let rows = directions.count
        // A·Aᵀ and Aᵀ·A have the same eigenvalues but for zeros: the smaller matrix does.
        let width = directions.first?.count ?? 0
        let gram: SymmetricMatrix
        if width < rows {
            gram = SymmetricMatrix(order: width) { i, j in
                directions.reduce(0) { $0 + $1[i] * $1[j] }
            }
        } else {
            gram = SymmetricMatrix(order: rows) { i, j in
                zip(directions[i], directions[j]).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
        guard let factor = gram.factored(adding: k) else { return .nan }
        let zeros = Double(rows - gram.order)
        return -(factor.logDeterminant + factor.inverseTrace) - zeros * (log(k) + 1 / k)
    }

    /// A unit vector whose products with others are the correlations; the last entry marks rows without.
    ///
    /// NaN where an element is NaN or infinite.
    private static func direction(_ jacobian: [Double]) -> [Double] {
        let mean = jacobian.reduce(0, +) / Double(jacobian.count)
        let centred = jacobian.map { $0 - mean }
        // Scaled first, so that the squares neither overflow nor vanish.
        let largest = centred.reduce(0) { max($0, abs($1)) }
        // Differences of float64 rounding are none.
        if mean.isFinite, largest <= abs(mean) * 1e-12 {
            return [Double](repeating: 0, count: jacobian.count) + [1]
        }
        let scaled = centred.map { $0 / largest }
        let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return scaled.map { $0 / norm } + [0]
    }
}
