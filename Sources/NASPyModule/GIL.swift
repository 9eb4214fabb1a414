import CPython
import NASEngine

/// The interpreter's lock: released around compute here, and nowhere else.
enum GIL {
    /// Runs `body` while holding the lock, which the thread may or may not hold already.
    static func withGIL<R>(_ body: () -> R) -> R {
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        return body()
    }

    /// Runs `compute` without the lock. Ctrl-C cancels it, if this is the thread that handles signals.
    ///
    /// - Parameter cancellation: the caller's own way to stop it.
    /// - Throws: ``PythonError/raised`` with `KeyboardInterrupt`, or whatever a signal handler raised.
    static func released<R: Sendable>(
        cancellation: Cancellation?,
        _ compute: (Cancellation) throws(EngineError) -> R
    ) throws(PythonError) -> R {
        // Python runs signal handlers on the main thread only; elsewhere the check does nothing.
        let polled = Cancellation(parent: cancellation) {
            withGIL { PyErr_CheckSignals() != 0 }
        }
        let state = PyEval_SaveThread()
        let result: Result<R, EngineError>
        do {
            result = .success(try compute(polled))
        } catch {
            result = .failure(error)
        }
        PyEval_RestoreThread(state)
        // The handler's exception stays set on this thread until it is returned to Python.
        if PyErr_Occurred() != nil { throw .raised }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw PythonError(error)
        }
    }
}
