import CPython
import NASEngine

/// `Model(architecture, input_width, output_width, weights)`: a network with parameters.
final class ModelObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Model"

    let model: Model

    init(_ model: Model) { self.model = model }

    static func make(_ arguments: PyReference?) throws(PythonError) -> ModelObject {
        let arguments = try Arguments(arguments, 4, of: "Model")
        let architecture = try arguments.architecture(0)
        let inputs = try width(arguments, 1, "input_width")
        let outputs = try width(arguments, 2, "output_width")
        guard let weights = try arguments.weights(3, "weights") else {
            throw .type("weights must be a list of arrays, got None")
        }
        return ModelObject(
            try engine { () throws(EngineError) in
                let candidate = try Candidate(
                    architecture, inputWidth: inputs, outputWidth: outputs)
                return try Model(candidate: candidate, values: weights)
            })
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: ModelObject.self) }

    static var methods: [PyMethodDef] {
        [
            method("parameters", "parameters(): tuples (name, shape) as in PyTorch's state_dict.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "parameters")
                    return try ModelObject.described(
                        try NASPyModule.receiver(receiver, ModelObject.self).model.parameters)
                }
            },
            method("read", "read(index, out): copy parameter number index to a float32 array.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let model = try NASPyModule.receiver(receiver, ModelObject.self).model
                    let arguments = try Arguments(arguments, 2, of: "read")
                    let index = try arguments.integer(0, "index")
                    guard model.parameters.indices.contains(index) else {
                        throw .value("index must be below \(model.parameters.count), got \(index)")
                    }
                    let out = try FloatBuffer(arguments[1], "out", writable: true)
                    let shape = model.parameters[index].shape
                    guard out.shape == shape else {
                        throw .value("out must have the shape \(shape), got \(out.shape)")
                    }
                    model.read(index, into: out.base)
                    return nas_py_none()
                }
            },
            method("predict", "predict(X, out): write the predictions for X to a float32 array.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    let model = try NASPyModule.receiver(receiver, ModelObject.self).model
                    let arguments = try Arguments(arguments, 2, of: "predict")
                    let inputs = try FloatBuffer(arguments[0], "X")
                    let outputs = try FloatBuffer(arguments[1], "out", writable: true)
                    let (rows, columns) = try inputs.matrixShape("X")
                    guard outputs.shape == [rows, model.candidate.outputWidth] else {
                        throw .value(
                            "out must have the shape \([rows, model.candidate.outputWidth]), "
                                + "got \(outputs.shape)")
                    }
                    try GIL.released(cancellation: nil) { (cancellation) throws(EngineError) in
                        let matrix = try Matrix(
                            name: "X", base: inputs.base, rows: rows, columns: columns)
                        try model.predict(matrix, into: outputs.base, cancellation: cancellation)
                    }
                    return nas_py_none()
                }
            },
        ]
    }

    /// A number of columns: so many that a matrix from as many to as many still has a size.
    static func width(
        _ arguments: Arguments, _ index: Int, _ name: String
    ) throws(PythonError) -> Int {
        try size(arguments, index, name, atMost: Candidate.largestWidth)
    }

    /// A positive number of rows or columns.
    static func size(
        _ arguments: Arguments, _ index: Int, _ name: String, atMost limit: Int
    ) throws(PythonError) -> Int {
        let size = try arguments.integer(index, name)
        guard (1...limit).contains(size) else {
            throw .value("\(name) must be in [1, \(limit)], got \(size)")
        }
        return size
    }

    /// Parameters as a list of tuples (name, shape).
    static func described(_ parameters: [Model.Parameter]) throws(PythonError) -> PyReference {
        try pythonList(parameters) { (parameter) throws(PythonError) in
            try python([.string(parameter.name), .list(parameter.shape.map { .integer($0) })])
        }
    }
}
