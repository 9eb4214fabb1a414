/// A row-major float32 matrix that somebody else owns.
public struct Matrix {
    /// The argument that it came from, for error messages.
    public let name: String
    public let base: UnsafePointer<Float>
    public let rows: Int
    public let columns: Int

    /// Checks that the matrix is not empty and that every value is finite.
    ///
    /// The memory must stay valid and unchanged as long as the matrix is used.
    public init(
        name: String, base: UnsafePointer<Float>, rows: Int, columns: Int
    ) throws(EngineError) {
        try require(rows > 0, "\(name) must have at least one row, got 0")
        try require(columns > 0, "\(name) must have at least one column, got 0")
        self.name = name
        self.base = base
        self.rows = rows
        self.columns = columns
        for index in 0..<rows * columns where !base[index].isFinite {
            throw .invalidArgument(
                "\(name) must be finite, got \(base[index]) at row \(index / columns), "
                    + "column \(index % columns)")
        }
    }
}

/// Training and validation data, borrowed from an owner that it keeps alive.
public final class Dataset: @unchecked Sendable {
    // Unchecked: the matrices are only ever read.
    public let trainInputs: Matrix
    public let trainTargets: Matrix
    public let validationInputs: Matrix
    public let validationTargets: Matrix
    private let owner: AnyObject?

    /// Throws if rows or columns do not fit together.
    public init(
        trainInputs: Matrix, trainTargets: Matrix, validationInputs: Matrix,
        validationTargets: Matrix, owner: AnyObject? = nil
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
        self.trainInputs = trainInputs
        self.trainTargets = trainTargets
        self.validationInputs = validationInputs
        self.validationTargets = validationTargets
        self.owner = owner
    }

    /// Features per row.
    public var inputWidth: Int { trainInputs.columns }
    /// Targets per row.
    public var outputWidth: Int { trainTargets.columns }

    var train: Batch {
        Batch(inputs: trainInputs.base, targets: trainTargets.base, rows: trainInputs.rows)
    }
    var validation: Batch {
        Batch(
            inputs: validationInputs.base, targets: validationTargets.base,
            rows: validationInputs.rows)
    }
}
