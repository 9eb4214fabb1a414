import CPython
import NASEngine

/// `proxies`, `proxy` and `latency`: what can be told of an architecture without training it.
enum Proxies {
    static var methods: [PyMethodDef] {
        [
            method("proxies", "proxies(): name, summary and larger_is_better of each.") {
                _, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "proxies")
                    return try python(
                        .list(
                            ProxyRegistry.all.map { proxy in
                                .record([
                                    "name": .string(proxy.name),
                                    "summary": .string(proxy.summary),
                                    "larger_is_better": .boolean(proxy.isLargerBetter),
                                ])
                            }))
                }
            },
            method(
                "proxy",
                "proxy(name, architecture, dataset, seed, rng, rows): the score at the initial weights."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Proxies.score(try Arguments(arguments, 6, of: "proxy"))
                }
            },
            method(
                "latency",
                "latency(architecture, input_width, output_width, rows, repetitions): median seconds."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Proxies.latency(try Arguments(arguments, 5, of: "latency"))
                }
            },
        ]
    }

    private static func score(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let name = try arguments.string(0, "proxy")
        let proxy = try engine { () throws(EngineError) in try ProxyRegistry.proxy(named: name) }
        let architecture = try arguments.architecture(1)
        let dataset = try arguments.object(2, "dataset", DatasetObject.self).dataset
        let seed = try arguments.seed(3)
        let rng = try arguments.string(4, "rng")
        guard let generator = GeneratorKind(rawValue: rng) else {
            throw .value("rng must be 'counter' or 'torch', got '\(rng)'")
        }
        let rows = try arguments.integer(5, "rows")
        let score = try GIL.released(cancellation: nil) { (cancellation) throws(EngineError) in
            try UntrainedCandidate(
                try Candidate(
                    architecture, inputWidth: dataset.inputWidth, outputWidth: dataset.outputWidth),
                on: dataset, rows: rows, seed: seed, generator: generator,
                cancellation: cancellation
            ).score(proxy)
        }
        return try python(score)
    }

    private static func latency(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let architecture = try arguments.architecture(0)
        let inputs = try ModelObject.width(arguments, 1, "input_width")
        let outputs = try ModelObject.width(arguments, 2, "output_width")
        let rows = try arguments.integer(3, "rows")
        let repetitions = try arguments.integer(4, "repetitions")
        let seconds = try GIL.released(cancellation: nil) { (cancellation) throws(EngineError) in
            try Latency.measure(
                try Candidate(architecture, inputWidth: inputs, outputWidth: outputs), rows: rows,
                repetitions: repetitions, cancellation: cancellation)
        }
        return try python(seconds)
    }
}
