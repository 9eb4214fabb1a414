import NASKernelInterface

/// The mean of (prediction − target)² over all elements, accumulated in float64.
enum MeanSquaredError: Loss {
    static let name = "mse"
    static let summary = "Mean squared error (torch.nn.MSELoss)."

    static func sum(_ block: LossBlock) -> Double {
        if block.columns == 1, block.rowStride == 1, block.weights == nil {
            return InstructionSet.current.kernels.squaredError(
                block.prediction, block.target, gradient: block.gradient, scale: 2 * block.scale,
                count: block.rows)
        }
        return block.sumOfElements { prediction, target in
            let difference = prediction - target
            return (Double(difference) * Double(difference), 2 * difference)
        }
    }
}
