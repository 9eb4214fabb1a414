import CPython
import NASEngine

/// `Dataset(X_train, y_train, X_val, y_val, names)`: float32 matrices, borrowed and never copied.
///
/// `names` are the four arguments' names for error messages.
final class DatasetObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Dataset"

    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    static func make(_ arguments: PyReference?) throws(PythonError) -> DatasetObject {
        let arguments = try Arguments(arguments, 5, of: "Dataset")
        let names = try elements(arguments[4], "names") { (_, item) throws(PythonError) in
            try string(item, "names")
        }
        guard names.count == 4 else {
            throw .value("names must have 4 entries, got \(names.count)")
        }
        var buffers: [FloatBuffer] = []
        var matrices: [Matrix] = []
        for (index, name) in names.enumerated() {
            let buffer = try FloatBuffer(arguments[index], name)
            let (rows, columns) = try buffer.matrixShape(name)
            buffers.append(buffer)
            matrices.append(
                try engine { () throws(EngineError) in
                    try Matrix(name: name, base: buffer.base, rows: rows, columns: columns)
                })
        }
        let (owner, all) = (BufferOwner(buffers), matrices)
        return DatasetObject(
            try engine { () throws(EngineError) in
                try Dataset(
                    trainInputs: all[0], trainTargets: all[1], validationInputs: all[2],
                    validationTargets: all[3], owner: owner)
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
            getter("output_width", "Targets per row.") { receiver, _ in
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
