import CPython
import NASEngine

/// `train` and `darts`: where the time goes, without Python's lock.
enum Training {
    static var methods: [PyMethodDef] {
        [
            method(
                "train",
                """
                train(architecture, dataset, epochs, seed, rng, initial_weights, keep_model, cancellation, threads):
                the outcome as a dict, and the model or None.
                """
            ) { module, arguments in
                guarded { () throws(PythonError) in
                    try Training.train(module, try Arguments(arguments, 9, of: "train"))
                }
            },
            method(
                "batch_order",
                "batch_order(rows, seed, epoch): the rows' order in an epoch of mini-batches, as uint32 bytes."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Training.order(try Arguments(arguments, 3, of: "batch_order"))
                }
            },
            method(
                "darts",
                "darts(activations, options, dataset, initial_weights, cancellation): the search as a dict."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Training.darts(try Arguments(arguments, 5, of: "darts"))
                }
            },
        ]
    }

    private static func order(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let rows = try arguments.integer(0, "rows")
        let seed = try arguments.seed(1)
        let epoch = try arguments.integer(2, "epoch")
        let order = try engine { () throws(EngineError) in
            try batchOrder(rows: rows, seed: seed, epoch: epoch)
        }
        return try bytes(order)
    }

    private static func train(
        _ module: PyReference?, _ arguments: Arguments
    ) throws(PythonError) -> PyReference {
        let architecture = try arguments.architecture(0)
        let dataset = try arguments.object(1, "dataset", DatasetObject.self).dataset
        let epochs = try arguments.integer(2, "epochs")
        let seed = try arguments.seed(3)
        let generator = try arguments.generator(4)
        let weights = try arguments.weights(5, "initial_weights")
        let keepModel = try arguments.boolean(6)
        let stop = try arguments.optionalObject(7, "cancellation", CancellationObject.self)
        let threads = try arguments.integer(8, "threads")
        let trained = try GIL.released(cancellation: stop?.cancellation) {
            (cancellation) throws(EngineError) in
            try NASEngine.train(
                try Candidate(
                    architecture, inputWidth: dataset.inputWidth, outputWidth: dataset.outputWidth),
                on: dataset,
                settings: TrainingSettings(
                    epochs: epochs, seed: seed, generator: generator, threads: threads),
                initialParameters: weights, keepModel: keepModel, cancellation: cancellation)
        }
        var result = try PythonTuple(count: 2)
        result.add(try summary(trained.outcome))
        result.add(try wrapped(trained.model, module))
        return result.finish()
    }

    /// The outcome as a dict.
    static func summary(_ outcome: Outcome) throws(PythonError) -> PyReference {
        let result = try PythonDictionary()
        try result.add("status", try python(outcome.status.rawValue))
        try result.add("validation_loss", try python(outcome.validationLoss))
        try result.add(
            "validation_accuracy", try python(outcome.validationAccuracy.map { .real($0) } ?? .none))
        try result.add("training_losses", try losses(outcome.trainingLosses))
        try result.add("epochs", try python(outcome.epochs))
        try result.add(
            "validation_losses",
            try pythonList(outcome.validations) { (point) throws(PythonError) in
                try python([.integer(point.epoch), .real(point.loss)])
            })
        try result.add("parameters", try python(outcome.parameterCount))
        try result.add("flops", try python(outcome.flops))
        try result.add("wall_seconds", try python(outcome.wallSeconds))
        return result.finish()
    }

    /// The model as an instance of the module's `Model`; None for nil.
    static func wrapped(
        _ model: Model?, _ module: PyReference?
    ) throws(PythonError) -> PyReference {
        guard let model, let module else { return nas_py_none() }
        let type = try checked(PyObject_GetAttrString(module, "Model"))
        defer { Py_DecRef(type) }
        return try wrap(ModelObject(model), as: try ownType(type))
    }

    private static func darts(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let names = try elements(arguments[0], "activations") { (_, item) throws(PythonError) in
            try string(item, "activations")
        }
        let options = try arguments.options(1)
        let dataset = try arguments.object(2, "dataset", DatasetObject.self).dataset
        let weights = try arguments.weights(3, "initial_weights")
        let stop = try arguments.optionalObject(4, "cancellation", CancellationObject.self)
        let search = try engine { () throws(EngineError) in
            try DARTS(
                activations: names, options: options, inputWidth: dataset.inputWidth,
                outputWidth: dataset.outputWidth)
        }
        let result = try GIL.released(cancellation: stop?.cancellation) {
            (cancellation) throws(EngineError) in
            try search.search(dataset, initialParameters: weights, cancellation: cancellation)
        }
        let found = try PythonDictionary()
        try found.add("status", try python(result.status.rawValue))
        try found.add("training_losses", try losses(result.trainingLosses))
        try found.add("validation_losses", try losses(result.validationLosses))
        let alphas = result.alphas.map { epoch in
            Value.list(epoch.map { .list($0.map { .real(Double($0)) }) })
        }
        try found.add("alphas", try python(.list(alphas)))
        let candidates = search.candidates.map { Value.list($0.map { .string($0) }) }
        try found.add("candidates", try python(.list(candidates)))
        try found.add("parameters", try ModelObject.described(search.parameters))
        try found.add(
            "initial_weights",
            try pythonList(result.initialParameters) { (values) throws(PythonError) in
                try bytes(values)
            })
        try found.add("wall_seconds", try python(result.wallSeconds))
        return found.finish()
    }

    private static func losses(_ values: [Double]) throws(PythonError) -> PyReference {
        try pythonList(values) { (value) throws(PythonError) in try python(value) }
    }

    /// Numbers as bytes, native-endian.
    private static func bytes<Number: BitwiseCopyable>(_ values: [Number]) throws(PythonError) -> PyReference
    {
        try checked(
            values.withUnsafeBytes {
                PyBytes_FromStringAndSize(
                    $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            })
    }
}
