import CPython
import NASEngine

/// A Swift class with a Python type of its own: one file each, plus one line in ``exec``.
///
/// A Python instance holds one reference to a Swift object and nothing else, and Swift objects hold no
/// Python objects except buffers, so there are no reference cycles and no need for garbage collection.
protocol WrappedObject: AnyObject {
    /// The qualified name of the type, as in `swiftnas._native.Space`.
    static var typeName: StaticString { get }

    /// The body of `__new__`.
    static func make(_ arguments: PyReference?) throws(PythonError) -> Self

    static var methods: [PyMethodDef] { get }
    static var getters: [PyGetSetDef] { get }

    /// `__new__` as a C function; ``newInstance(_:_:_:of:)`` with the class filled in.
    static var new:
        @convention(c) (
            OpaquePointer?, PyReference?, PyReference?
        ) -> PyReference?
    { get }
}

extension WrappedObject {
    static var methods: [PyMethodDef] { [] }
    static var getters: [PyGetSetDef] { [] }
}

/// Releases the Swift object with the Python one; shared by all types, and so the mark of them.
private let deallocate: @convention(c) (PyReference?) -> Void = { object in
    guard let object else { return }
    if let pointer = nas_py_swift(object) {
        Unmanaged<AnyObject>.fromOpaque(pointer).release()
    }
    nas_py_free(object)
}

/// A new Python instance of `type` around a Swift object of class `T`.
func newInstance<T: WrappedObject>(
    _ type: OpaquePointer?, _ arguments: PyReference?,
    _ keywords: PyReference?, of _: T.Type
) -> PyReference? {
    guarded { () throws(PythonError) in
        guard let type else { throw .type("a type is needed") }
        if let keywords, PyDict_Size(keywords) > 0 {
            throw .type("\(T.typeName)() takes positional arguments only")
        }
        return try wrap(try T.make(arguments), as: type)
    }
}

/// A new Python instance of `type` that holds `object`.
func wrap(
    _ object: some WrappedObject, as type: OpaquePointer
) throws(PythonError) -> PyReference {
    let instance = try checked(nas_py_allocate(type))
    nas_py_set_swift(instance, Unmanaged<AnyObject>.passRetained(object).toOpaque())
    return instance
}

/// A type that instances of this extension may have; anybody can put another under its name.
func ownType(_ type: PyReference) throws(PythonError) -> OpaquePointer {
    guard nas_py_is_type_with_dealloc(type, deallocate) != 0 else {
        throw wrongType(type, "the module's type", "one of its own")
    }
    return OpaquePointer(type)
}

/// The Swift object behind an argument, or an error that names it.
func object<T: WrappedObject>(
    _ instance: PyReference, _ name: String, _: T.Type
) throws(PythonError) -> T {
    if nas_py_is_type_with_dealloc(nas_py_type_object(instance), deallocate) != 0,
        let pointer = nas_py_swift(instance),
        let object = Unmanaged<AnyObject>.fromOpaque(pointer).takeUnretainedValue() as? T
    {
        return object
    }
    throw wrongType(instance, name, "a \(T.typeName)")
}

/// The Swift object behind `self` in a method or getter, which Python calls on its own type only.
func receiver<T: WrappedObject>(_ instance: PyReference?, _: T.Type) throws(PythonError) -> T {
    guard let instance else { throw .type("a \(T.typeName) is needed") }
    return try object(instance, "self", T.self)
}

/// Creates the Python type of `T` and adds it to the module under its short name.
func addType<T: WrappedObject>(_: T.Type, to module: PyReference) -> Bool {
    // Python keeps pointers into these tables for as long as the process lives.
    let methods = permanent(T.methods + [PyMethodDef()])
    let getters = permanent(T.getters + [PyGetSetDef()])
    var slots = [
        nas_py_slot_dealloc(deallocate), nas_py_slot_new(T.new), nas_py_slot_methods(methods),
        nas_py_slot_getters(getters), nas_py_slot_end(),
    ]
    guard let type = nas_py_new_type(module, cString(T.typeName), &slots) else { return false }
    defer { Py_DecRef(type) }
    return PyModule_AddType(module, OpaquePointer(type)) == 0
}

/// A copy that is never freed.
func permanent<T>(_ elements: [T]) -> UnsafeMutablePointer<T> {
    let table = UnsafeMutablePointer<T>.allocate(capacity: elements.count)
    table.initialize(from: elements, count: elements.count)
    return table
}

func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// An entry of a method table.
func method(
    _ name: StaticString, _ documentation: StaticString,
    _ function: @escaping @convention(c) (PyReference?, PyReference?) -> PyReference?
) -> PyMethodDef {
    PyMethodDef(
        ml_name: cString(name), ml_meth: function, ml_flags: METH_VARARGS,
        ml_doc: cString(documentation))
}

/// An entry of an attribute table; the attribute is read-only.
func getter(
    _ name: StaticString, _ documentation: StaticString,
    _ function: @escaping @convention(c) (PyReference?, UnsafeMutableRawPointer?) -> PyReference?
) -> PyGetSetDef {
    PyGetSetDef(
        name: cString(name), get: function, set: nil, doc: cString(documentation), closure: nil)
}
