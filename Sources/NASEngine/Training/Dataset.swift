/// Training and validation data, borrowed from an owner that it keeps alive.
public final class Dataset: @unchecked Sendable {
    // Unchecked: the matrices are only ever read.
    public let trainInputs: Matrix
    public let trainTargets: Matrix
    public let validationInputs: Matrix
    public let validationTargets: Matrix
    /// How much each training row counts; nil where all count the same.
    public let trainWeights: Matrix?
    /// Outputs that a network for the data has.
    public let outputWidth: Int
    let loss: any Loss.Type
    private let owner: AnyObject?

    /// Throws if rows or columns do not fit together, or the targets do not fit the loss.
    ///
    /// - Parameters:
    ///   - loss: a name of ``LossRegistry``. Where it has classes, targets are one column of their numbers.
    ///   - outputs: the network's outputs; nil for one per target column.
    ///   - trainWeights: one column of weights ≥ 0, not all 0. Only their ratios matter.
    public init(
        trainInputs: Matrix, trainTargets: Matrix, validationInputs: Matrix,
        validationTargets: Matrix, loss: String = "mse", outputs: Int? = nil,
        trainWeights: Matrix? = nil, owner: AnyObject? = nil
    ) throws(EngineError) {
        for (inputs, targets) in [
            (trainInputs, trainTargets), (validationInputs, validationTargets),
        ] {
            guard inputs.rows == targets.rows else {
                throw .invalidArgument(
                    "\(targets.name) must have as many rows as \(inputs.name) (\(inputs.rows)), "
                        + "got \(targets.rows)")
            }
        }
        for (train, validation) in [
            (trainInputs, validationInputs), (trainTargets, validationTargets),
        ] {
            guard train.columns == validation.columns else {
                throw .invalidArgument(
                    "\(validation.name) must have as many columns as \(train.name) "
                        + "(\(train.columns)), got \(validation.columns)")
            }
        }
        self.loss = try LossRegistry.loss(named: loss)
        outputWidth = outputs ?? trainTargets.columns
        self.trainInputs = trainInputs
        self.trainTargets = trainTargets
        self.validationInputs = validationInputs
        self.validationTargets = validationTargets
        self.trainWeights = trainWeights
        self.owner = owner
        try checkTargets()
        if let trainWeights { try check(weights: trainWeights) }
    }

    private func checkTargets() throws(EngineError) {
        try require(outputWidth >= 1, "outputs must be ≥ 1, got \(outputWidth)")
        let classes = loss.classCount(outputs: outputWidth)
        if let classes {
            try require(
                classes >= 2, "outputs must be ≥ 2 with the loss '\(loss.name)', got \(outputWidth)")
            try require(
                trainTargets.columns == 1,
                "\(trainTargets.name) must have one column with the loss '\(loss.name)', "
                    + "got \(trainTargets.columns)")
        }
        let width = loss.targetWidth(outputs: outputWidth)
        try require(
            trainTargets.columns == width,
            "outputs must fit \(trainTargets.name), which has \(trainTargets.columns) columns, "
                + "got \(outputWidth)")
        guard let classes else { return }
        for targets in [trainTargets, validationTargets] {
            for row in 0..<targets.rows {
                let value = targets.base[row]
                if value < 0 || value >= Float(classes) || value != value.rounded() {
                    throw .invalidArgument(
                        "\(targets.name) must hold whole numbers in [0, \(classes - 1)], "
                            + "got \(value) at row \(row)")
                }
            }
        }
    }

    private func check(weights: Matrix) throws(EngineError) {
        try require(
            weights.columns == 1,
            "\(weights.name) must have one column, got \(weights.columns)")
        try require(
            weights.rows == trainInputs.rows,
            "\(weights.name) must have as many rows as \(trainInputs.name) (\(trainInputs.rows)), "
                + "got \(weights.rows)")
        var largest: Float = 0
        for row in 0..<weights.rows {
            let weight = weights.base[row]
            if weight < 0 {
                throw .invalidArgument("\(weights.name) must be ≥ 0, got \(weight) at row \(row)")
            }
            largest = max(largest, weight)
        }
        try require(largest > 0, "\(weights.name) must not be all 0")
    }

    /// Features per row.
    public var inputWidth: Int { trainInputs.columns }

    var train: Batch {
        Batch(
            inputs: trainInputs.base, targets: trainTargets.base, weights: trainWeights?.base,
            rows: trainInputs.rows)
    }
    var validation: Batch {
        Batch(
            inputs: validationInputs.base, targets: validationTargets.base,
            rows: validationInputs.rows)
    }
}
