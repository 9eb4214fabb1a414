#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A positive semidefinite matrix, of which the lower triangle is kept.
struct SymmetricMatrix {
    let order: Int
    private var rows: [[Double]]

    /// - Parameter element: called with row ≥ column.
    init(order: Int, _ element: (_ row: Int, _ column: Int) -> Double) {
        self.order = order
        rows = (0..<order).map { row in (0...row).map { element(row, $0) } }
    }

    /// The Cholesky factor of this matrix plus `shift` times the identity; order³ / 6 multiply-adds.
    ///
    /// Nil if a pivot is not a positive finite number, as where an element is NaN or infinite.
    func factored(adding shift: Double) -> CholeskyFactor? {
        var factor: [[Double]] = []
        for i in 0..<order {
            var row = rows[i]
            row[i] += shift
            for j in 0..<i {
                row[j] = (row[j] - dot(row, factor[j], count: j)) / factor[j][j]
            }
            let pivot = row[i] - dot(row, row, count: i)
            guard pivot > 0, pivot.isFinite else { return nil }
            row[i] = pivot.squareRoot()
            factor.append(row)
        }
        return CholeskyFactor(rows: factor)
    }
}

/// The lower triangular L of L·Lᵀ.
struct CholeskyFactor {
    fileprivate let rows: [[Double]]

    /// The logarithm of the determinant of L·Lᵀ.
    var logDeterminant: Double {
        rows.indices.reduce(0) { $0 + 2 * log(rows[$1][$1]) }
    }

    /// The trace of the inverse of L·Lᵀ: the sum of the squares of L⁻¹.
    var inverseTrace: Double {
        var sum = 0.0
        for column in rows.indices {
            // Column number `column` of L⁻¹ from its first element that is not zero on.
            var inverse: [Double] = []
            for row in column..<rows.count {
                var value = row == column ? 1.0 : 0.0
                for k in column..<row { value -= rows[row][k] * inverse[k - column] }
                value /= rows[row][row]
                inverse.append(value)
                sum += value * value
            }
        }
        return sum
    }
}

/// The product of the first `count` elements.
private func dot(_ x: [Double], _ y: [Double], count: Int) -> Double {
    var sum = 0.0
    for k in 0..<count { sum += x[k] * y[k] }
    return sum
}
