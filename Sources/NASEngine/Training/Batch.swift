/// Rows that a plan runs on, borrowed: inputs row-major, as many columns as the network has inputs.
struct Batch {
    let inputs: UnsafePointer<Float>
    /// Row-major, as many columns as the loss says.
    let targets: UnsafePointer<Float>
    /// One ≥ 0 per row; nil where all rows count the same.
    let weights: UnsafePointer<Float>?
    let rows: Int
    /// The rows, each counted by its weight.
    let weightSum: Double

    init(
        inputs: UnsafePointer<Float>, targets: UnsafePointer<Float>,
        weights: UnsafePointer<Float>? = nil, rows: Int
    ) {
        self.inputs = inputs
        self.targets = targets
        self.weights = weights
        self.rows = rows
        weightSum =
            weights.map { weights in (0..<rows).reduce(0.0) { $0 + Double(weights[$1]) } }
            ?? Double(rows)
    }

    /// The first `count` of the rows.
    func prefix(_ count: Int) -> Batch {
        Batch(inputs: inputs, targets: targets, weights: weights, rows: count)
    }

    /// What the mean of a loss is over: targets, each counted by the weight of its row.
    func count(_ loss: any Loss.Type, outputs: Int) -> Double {
        weightSum * Double(loss.targetWidth(outputs: outputs))
    }
}

/// How good a network is on some data.
struct Quality {
    /// The mean loss.
    let loss: Double
    /// The share of rows whose class is predicted right; nil where there are no classes.
    let accuracy: Double?
}
