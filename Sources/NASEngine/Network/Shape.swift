/// The extent of a node's output for one row of data; the batch dimension is never part of it.
struct Shape: Hashable, Sendable, CustomStringConvertible {
    let dimensions: [Int]

    init(_ dimensions: Int...) { self.dimensions = dimensions }

    /// Values per row.
    var elementCount: Int { dimensions.reduce(1, *) }

    var description: String { "(" + dimensions.map(String.init).joined(separator: ", ") + ")" }
}
