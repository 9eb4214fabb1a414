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
