import CPython
import NASEngine

/// `Cancellation()`: a request to stop, for any number of trainings in any thread.
final class CancellationObject: WrappedObject {
    static let typeName: StaticString = "swiftnas._native.Cancellation"

    let cancellation = Cancellation()

    static func make(_ arguments: PyReference?) throws(PythonError) -> CancellationObject {
        _ = try Arguments(arguments, 0, of: "Cancellation")
        return CancellationObject()
    }

    static let new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference? = { newInstance($0, $1, $2, of: CancellationObject.self) }

    static var methods: [PyMethodDef] {
        [
            method("cancel", "cancel(): stop all trainings that were given this object.") {
                receiver, arguments in
                guarded { () throws(PythonError) in
                    _ = try Arguments(arguments, 0, of: "cancel")
                    try NASPyModule.receiver(receiver, CancellationObject.self).cancellation.cancel()
                    return nas_py_none()
                }
            }
        ]
    }

    static var getters: [PyGetSetDef] {
        [
            getter("cancelled", "Whether cancel() was called.") { receiver, _ in
                guarded { () throws(PythonError) in
                    try python(
                        try NASPyModule.receiver(receiver, CancellationObject.self)
                            .cancellation.isCancelled)
                }
            }
        ]
    }
}
