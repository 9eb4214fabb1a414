import CPython
import NASEngine

/// `measure`: for benchmarks.
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
            }
        ]
    }

    private static func measure(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let name = try arguments.string(0, "kernel")
        guard let kernel = KernelMeasurement.Kernel(rawValue: name) else {
            let known = KernelMeasurement.Kernel.allCases.map { "'\($0.rawValue)'" }
            throw .value("kernel must be one of \(known.joined(separator: ", ")), got '\(name)'")
        }
        let (rows, depth) = (try arguments.integer(1, "rows"), try arguments.integer(2, "depth"))
        let columns = try arguments.integer(3, "columns")
        let repetitions = try arguments.integer(4, "repetitions")
        let (seconds, operations) = try engine { () throws(EngineError) in
            try KernelMeasurement.measure(
                kernel, rows: rows, depth: depth, columns: columns, repetitions: repetitions)
        }
        return try pythonTuple([try python(seconds), try python(operations)])
    }
}
