import CPython
import NASEngine

/// `measure` and `measure_pass`: for benchmarks.
enum Measurement {
    static var methods: [PyMethodDef] {
        [
            method(
                "measure",
                "measure(kernel, rows, depth, columns, repetitions): seconds and floating-point operations."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Measurement.measure(try Arguments(arguments, 5, of: "measure"))
                }
            },
            method(
                "measure_pass",
                "measure_pass(kind, name, dropout, count, repetitions): seconds of passes over count numbers."
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Measurement.measurePass(try Arguments(arguments, 5, of: "measure_pass"))
                }
            },
        ]
    }

    private static func measure(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let kernel: KernelMeasurement.Kernel = try choice(arguments, "kernel")
        let (rows, depth) = (try arguments.integer(1, "rows"), try arguments.integer(2, "depth"))
        let columns = try arguments.integer(3, "columns")
        let repetitions = try arguments.integer(4, "repetitions")
        let (seconds, operations) = try engine { () throws(EngineError) in
            try KernelMeasurement.measure(
                kernel, rows: rows, depth: depth, columns: columns, repetitions: repetitions)
        }
        return try python([.real(seconds), .real(operations)])
    }

    private static func measurePass(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let pass: KernelMeasurement.Pass = try choice(arguments, "kind")
        let name = try arguments.string(1, "name")
        let dropout = try arguments.boolean(2)
        let count = try arguments.integer(3, "count")
        let repetitions = try arguments.integer(4, "repetitions")
        return try python(
            try engine { () throws(EngineError) in
                try KernelMeasurement.measure(
                    pass, of: name, dropout: dropout, count: count, repetitions: repetitions)
            })
    }

    /// The first argument, the name of one of the cases.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ arguments: Arguments, _ name: String
    ) throws(PythonError) -> Choice {
        let given = try arguments.string(0, name)
        guard let choice = Choice(rawValue: given) else {
            let known = Choice.allCases.map { "'\($0.rawValue)'" }
            throw .value("\(name) must be one of \(known.joined(separator: ", ")), got '\(given)'")
        }
        return choice
    }
}
