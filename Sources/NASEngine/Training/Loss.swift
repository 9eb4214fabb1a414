/// A loss over a batch; one file each, the trainer knows nothing else about it.
protocol Loss: Sendable {
    static var name: String { get }

    /// The sum of the loss over a block, and the gradient of its mean over the whole data.
    ///
    /// - Parameters:
    ///   - prediction: `[panels][rows][16]`.
    ///   - target: `(rows, columns)` row-major.
    ///   - gradient: in the prediction's layout, zeros beyond the columns; nil to leave it out.
    ///   - count: elements in the whole data, that the mean is over.
    static func sum(
        prediction: UnsafePointer<Float>, target: UnsafePointer<Float>, rows: Int, columns: Int,
        gradient: UnsafeMutablePointer<Float>?, count: Int
    ) -> Double
}

/// The mean of (prediction − target)² over all elements, accumulated in float64.
enum MeanSquaredError: Loss {
    static let name = "mse"

    static func sum(
        prediction: UnsafePointer<Float>, target: UnsafePointer<Float>, rows: Int, columns: Int,
        gradient: UnsafeMutablePointer<Float>?, count: Int
    ) -> Double {
        let scale = 2 / Float(count)
        var total = 0.0
        for panel in 0..<Kernels.panels(columns) {
            let first = panel * Kernels.panelWidth
            let width = min(Kernels.panelWidth, columns - first)
            for row in 0..<rows {
                let offset = (panel * rows + row) * Kernels.panelWidth
                for lane in 0..<width {
                    let difference =
                        prediction[offset + lane] - target[row * columns + first + lane]
                    total += Double(difference) * Double(difference)
                    if let gradient { gradient[offset + lane] = scale * difference }
                }
                if let gradient {
                    for lane in width..<Kernels.panelWidth { gradient[offset + lane] = 0 }
                }
            }
        }
        return total
    }
}
