import CPython
import NASEngine

/// `Dataset(X_train, y_train, X_val, y_val, names, loss, outputs, sample_weight)`: float32 matrices, borrowed
/// and never copied.
///
/// `names` are the four arguments' names for error messages. The last three may be left out: the loss is then
/// the mean squared error with an output per target. `sample_weight` has one column, or is None.
final class DatasetObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Dataset"

    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    static func make(_ arguments: PyReference?) throws(PythonError) -> DatasetObject {
        let arguments = try Arguments(arguments, 5, optional: 3, of: "Dataset")
        let names = try elements(arguments[4], "names") { (_, item) throws(PythonError) in
            try string(item, "names")
        }
        guard names.count == 4 else {
            throw .value("names must have 4 entries, got \(names.count)")
        }
        var buffers: [FloatBuffer] = []
        var matrices: [Matrix] = []
        func borrow(_ index: Int, _ name: String) throws(PythonError) {
            let buffer = try FloatBuffer(arguments[index], name)
            let (rows, columns) = try buffer.matrixShape(name)
            buffers.append(buffer)
            matrices.append(
                try engine { () throws(EngineError) in
                    try Matrix(name: name, base: buffer.base, rows: rows, columns: columns)
                })
        }
        for (index, name) in names.enumerated() { try borrow(index, name) }
        let loss = arguments.count > 5 ? try arguments.string(5, "loss") : "mse"
        let outputs = arguments.count > 6 ? try arguments.optionalInteger(6, "outputs") : nil
        if let outputs, outputs > Candidate.largestWidth {
            throw .value("outputs must be in [1, \(Candidate.largestWidth)], got \(outputs)")
        }
        if arguments.count > 7, !arguments.isNone(7) { try borrow(7, "sample_weight") }
        let (owner, all) = (BufferOwner(buffers), matrices)
        return DatasetObject(
            try engine { () throws(EngineError) in
                try Dataset(
                    trainInputs: all[0], trainTargets: all[1], validationInputs: all[2],
                    validationTargets: all[3], loss: loss, outputs: outputs,
                    trainWeights: all.count > 4 ? all[4] : nil, owner: owner)
            })
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: DatasetObject.self) }

    static var getters: [PyGetSetDef] {
        [
            getter("input_width", "Features per row.") { receiver, _ in
                guarded { () throws(PythonError) in
                    try python(try NASPyModule.receiver(receiver, DatasetObject.self).dataset.inputWidth)
                }
            },
            getter("output_width", "Outputs of a network for the data.") { receiver, _ in
                guarded { () throws(PythonError) in
                    try python(try NASPyModule.receiver(receiver, DatasetObject.self).dataset.outputWidth)
                }
            },
        ]
    }
}

/// Keeps buffer exports alive as long as a dataset uses their memory.
private final class BufferOwner {
    private let buffers: [FloatBuffer]
    init(_ buffers: [FloatBuffer]) { self.buffers = buffers }
}
