#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The mean of log(1 + eˣ) − x·t over all elements, x being a logit and t its class, 0 or 1.
///
/// Computed as max(x, 0) − x·t + log(1 + e^−|x|), which neither overflows nor cancels, in float64.
enum BinaryCrossEntropy: Loss {
    static let name = "binary_cross_entropy"
    static let summary = "Cross-entropy of two classes from one logit (torch.nn.BCEWithLogitsLoss)."

    static func classCount(outputs: Int) -> Int? { 2 }

    static func sum(_ block: LossBlock) -> Double {
        block.sumOfElements { prediction, target in
            let (x, t) = (Double(prediction), Double(target))
            // e^−|x| and the probability of the class on the other side of 0 from x.
            let small = exp(-abs(x))
            let other = small / (1 + small)
            return (max(x, 0) - x * t + log1p(small), Float((x >= 0 ? 1 - other : other) - t))
        }
    }

    /// The larger probability wins; a logit of 0 is class 0.
    static func correct(_ block: LossBlock) -> Int {
        var count = 0
        for row in 0..<block.rows
        where (block.prediction[row * block.rowStride] > 0) == (block.target[row] > 0.5) {
            count += 1
        }
        return count
    }
}
