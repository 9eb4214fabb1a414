import NASKernelInterface

/// A loss over a batch; one file each, the trainer knows nothing else about it.
protocol Loss: Sendable {
    static var name: String { get }

    /// The sum of the loss over a block, and the gradient of its mean over the whole data.
    ///
    /// - Parameters:
    ///   - prediction: `[panels][rows][rowStride]`.
    ///   - rowStride: floats from one row to the next: 16, or 1 where there is one column only.
    ///   - target: `(rows, columns)` row-major.
    ///   - gradient: in the prediction's layout, zeros beyond the columns; nil to leave it out.
    ///   - count: elements in the whole data, that the mean is over.
    static func sum(
        prediction: UnsafePointer<Float>, rowStride: Int, target: UnsafePointer<Float>, rows: Int,
        columns: Int, gradient: UnsafeMutablePointer<Float>?, count: Int
    ) -> Double
}

/// The mean of (prediction − target)² over all elements, accumulated in float64.
enum MeanSquaredError: Loss {
    static let name = "mse"

    static func sum(
        prediction: UnsafePointer<Float>, rowStride: Int, target: UnsafePointer<Float>, rows: Int,
        columns: Int, gradient: UnsafeMutablePointer<Float>?, count: Int
    ) -> Double {
        let scale = 2 / Float(count)
        if columns == 1, rowStride == 1 {
            return InstructionSet.current.kernels.squaredError(
                prediction, target, gradient: gradient, scale: scale, count: rows)
        }
        var total = 0.0
        for panel in 0..<Panels.count(columns) {
            let first = panel * Panels.width
            let width = min(Panels.width, columns - first)
            for row in 0..<rows {
                let offset = (panel * rows + row) * rowStride
                for lane in 0..<width {
                    let difference =
                        prediction[offset + lane] - target[row * columns + first + lane]
                    total += Double(difference) * Double(difference)
                    if let gradient { gradient[offset + lane] = scale * difference }
                }
                if let gradient {
                    for lane in width..<Panels.width { gradient[offset + lane] = 0 }
                }
            }
        }
        return total
    }
}
