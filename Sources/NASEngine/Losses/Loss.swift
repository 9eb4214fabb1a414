/// A loss over rows of data: one file each, and one line in ``LossRegistry``; the trainer knows nothing else.
protocol Loss: Sendable {
    /// As tasks call it.
    static var name: String { get }
    /// One sentence, with PyTorch's name.
    static var summary: String { get }

    /// The classes that so many outputs tell apart; nil where targets are numbers.
    static func classCount(outputs: Int) -> Int?

    /// Columns of the targets for so many outputs; the loss is a mean over rows and these columns.
    static func targetWidth(outputs: Int) -> Int

    /// The sum of the loss over a block, each row counted by its weight, and the gradient of the mean.
    static func sum(_ block: LossBlock) -> Double

    /// Rows of the block whose class is predicted right; 0 where there are no classes.
    static func correct(_ block: LossBlock) -> Int
}

extension Loss {
    static func classCount(outputs: Int) -> Int? { nil }
    static func targetWidth(outputs: Int) -> Int { outputs }
    static func correct(_ block: LossBlock) -> Int { 0 }
}

/// The rows that a loss is summed over at once, with all that it reads and writes.
struct LossBlock {
    /// `[panels][rows][rowStride]`.
    let prediction: UnsafePointer<Float>
    /// Floats from one row to the next: 16, or 1 where there is one column only.
    let rowStride: Int
    /// `(rows, targetWidth)` row-major.
    let target: UnsafePointer<Float>
    /// One ≥ 0 per row; nil where all rows count the same.
    let weights: UnsafePointer<Float>?
    let rows: Int
    /// The network's outputs.
    let columns: Int
    /// In the prediction's layout, zeros beyond the columns; nil to leave it out.
    let gradient: UnsafeMutablePointer<Float>?
    /// What the mean over the whole data is over: its targets, each counted by the weight of its row.
    let total: Double

    /// What the gradient of a sum is multiplied by to be that of the mean; 0 where nothing counts.
    var scale: Float { total > 0 ? 1 / Float(total) : 0 }

    /// Sums a loss that compares each output with the target of the same column.
    ///
    /// - Parameter element: the loss of a prediction and its target, and its derivative by the prediction.
    @inline(__always)
    func sumOfElements(
        _ element: (_ prediction: Float, _ target: Float) -> (loss: Double, slope: Float)
    ) -> Double {
        let scale = scale
        var total = 0.0
        for panel in 0..<Panels.count(columns) {
            let first = panel * Panels.width
            let width = min(Panels.width, columns - first)
            for row in 0..<rows {
                let offset = (panel * rows + row) * rowStride
                let weight = weights?[row] ?? 1
                for lane in 0..<width {
                    let (loss, slope) = element(
                        prediction[offset + lane], target[row * columns + first + lane])
                    total += Double(weight) * loss
                    if let gradient { gradient[offset + lane] = scale * slope * weight }
                }
                if let gradient, rowStride > 1 {
                    for lane in width..<Panels.width { gradient[offset + lane] = 0 }
                }
            }
        }
        return total
    }
}

/// Every loss that a task may have.
public enum LossRegistry {
    static let all: [any Loss.Type] = [
        MeanSquaredError.self,
        MeanAbsoluteError.self,
        Huber.self,
        CrossEntropy.self,
        BinaryCrossEntropy.self,
    ]

    static func loss(named name: String) throws(EngineError) -> any Loss.Type {
        guard let loss = all.first(where: { $0.name == name }) else {
            let known = all.map { "'\($0.name)'" }.joined(separator: ", ")
            throw .invalidArgument("loss must be one of \(known), got '\(name)'")
        }
        return loss
    }
}

/// What the registry says of one loss.
public struct LossDescription: Sendable {
    public let name: String
    public let summary: String
    /// Whether its targets are classes.
    public let isClassification: Bool
}

extension LossRegistry {
    public static var descriptions: [LossDescription] {
        all.map {
            LossDescription(
                name: $0.name, summary: $0.summary,
                isClassification: $0.classCount(outputs: 1) != nil)
        }
    }
}
