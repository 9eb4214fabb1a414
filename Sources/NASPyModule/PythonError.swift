import CPython
import NASEngine

/// Why a function of the extension has no result.
enum PythonError: Error {
    /// Python's error indicator says it.
    case raised
    case value(String)
    case type(String)
    case memory(String)

    init(_ error: EngineError) {
        self =
            switch error {
            case .invalidArgument(let message): .value(message)
            case .outOfMemory(let message): .memory(message)
            }
    }

    /// Sets Python's error indicator.
    func raise() {
        switch self {
        case .raised: break
        case .value(let message): Self.set(nas_py_value_error(), message)
        case .type(let message): Self.set(nas_py_type_error(), message)
        case .memory(let message): Self.set(nas_py_memory_error(), message)
        }
    }

    /// Unlike `PyErr_SetString`, this takes zero characters.
    private static func set(_ type: PyReference?, _ message: String) {
        guard let text = try? python(message) else { return }
        PyErr_SetObject(type, text)
        Py_DecRef(text)
    }
}

/// Runs the body of one function of the extension: its result as a new reference, or null with Python's
/// error indicator set.
func guarded(_ body: () throws(PythonError) -> PyReference) -> UnsafeMutablePointer<PyObject>? {
    do {
        return try body()
    } catch {
        error.raise()
        return nil
    }
}

/// A call into the engine, with its errors as Python's.
func engine<R>(_ body: () throws(EngineError) -> R) throws(PythonError) -> R {
    do {
        return try body()
    } catch {
        throw PythonError(error)
    }
}
