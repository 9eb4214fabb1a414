/// The mean over all elements of d²/2 for |d| ≤ δ and δ · (|d| − δ/2) beyond, with d = prediction − target.
///
/// Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).
enum Huber: Loss {
    static let name = "huber"
    static let summary = "Huber's loss with δ = 1 (torch.nn.HuberLoss)."

    /// Where the parabola goes over into straight lines; PyTorch's default.
    private static let delta: Float = 1

    static func sum(_ block: LossBlock) -> Double {
        block.sumOfElements { prediction, target in
            let difference = prediction - target
            let (d, delta) = (Double(difference), Double(delta))
            return (
                abs(d) <= delta ? 0.5 * d * d : delta * (abs(d) - 0.5 * delta),
                max(-Self.delta, min(Self.delta, difference))
            )
        }
    }
}
