/// The mean of |prediction − target| over all elements, accumulated in float64.
///
/// Its derivative is taken as 0 where they are equal, as in PyTorch.
enum MeanAbsoluteError: Loss {
    static let name = "mae"
    static let summary = "Mean absolute error (torch.nn.L1Loss)."

    static func sum(_ block: LossBlock) -> Double {
        block.sumOfElements { prediction, target in
            let difference = prediction - target
            return (Double(abs(difference)), difference > 0 ? 1 : difference < 0 ? -1 : 0)
        }
    }
}
