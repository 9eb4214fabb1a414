import CPython
import NASEngine

/// A pointer to a Python object that is not null; who owns the reference stands at each function.
typealias PyReference = UnsafeMutablePointer<PyObject>

// MARK: - To Python: new references

/// The pointer, or the error that Python has set.
func checked(_ object: PyReference?) throws(PythonError) -> PyReference {
    guard let object else { throw .raised }
    return object
}

/// Throws the error that Python has set, if `status` says that there is one.
func check(_ status: Int32) throws(PythonError) {
    guard status == 0 else { throw .raised }
}

func python(_ text: String) throws(PythonError) -> PyReference {
    var text = text
    let object = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
            PyUnicode_FromStringAndSize($0.baseAddress, $0.count)
        }
    }
    return try checked(object)
}

func python(_ number: Int) throws(PythonError) -> PyReference {
    try checked(PyLong_FromSsize_t(number))
}

func python(_ number: Double) throws(PythonError) -> PyReference {
    try checked(PyFloat_FromDouble(number))
}

func python(_ flag: Bool) throws(PythonError) -> PyReference {
    try checked(nas_py_bool(flag ? 1 : 0))
}

/// A tuple that is being filled, item by item in order; released if that fails.
struct PythonTuple: ~Copyable {
    private let tuple: PyReference
    private var count = 0

    init(count: Int) throws(PythonError) { tuple = try checked(PyTuple_New(count)) }

    deinit { Py_DecRef(tuple) }

    /// - Parameter item: a new reference, which it takes over.
    mutating func add(_ item: PyReference) {
        PyTuple_SetItem(tuple, count, item)
        count += 1
    }

    /// The tuple, a new reference.
    consuming func finish() -> PyReference {
        let result = tuple
        discard self
        return result
    }
}

/// A list of what `convert` makes of each element.
func pythonList<S: Collection>(
    _ elements: S, _ convert: (S.Element) throws(PythonError) -> PyReference
) throws(PythonError) -> PyReference {
    let list = try checked(PyList_New(elements.count))
    for (index, element) in elements.enumerated() {
        do {
            PyList_SetItem(list, index, try convert(element))
        } catch {
            Py_DecRef(list)
            throw error
        }
    }
    return list
}

/// A dictionary that is being filled, entry by entry in order; released if that fails.
struct PythonDictionary: ~Copyable {
    private let dictionary: PyReference

    init() throws(PythonError) { dictionary = try checked(PyDict_New()) }

    deinit { Py_DecRef(dictionary) }

    /// - Parameter value: a new reference, which it takes over.
    func add(_ name: String, _ value: PyReference) throws(PythonError) {
        defer { Py_DecRef(value) }
        let key = try python(name)
        defer { Py_DecRef(key) }
        try check(PyDict_SetItem(dictionary, key, value))
    }

    /// The dictionary, a new reference.
    consuming func finish() -> PyReference {
        let result = dictionary
        discard self
        return result
    }
}

/// Lists come out as tuples, so that choices can be hashed and compared as they were given.
func python(_ value: Value) throws(PythonError) -> PyReference {
    switch value {
    case .none: return nas_py_none()
    case .boolean(let flag): return try python(flag)
    case .integer(let number): return try python(number)
    case .real(let number): return try python(number)
    case .string(let text): return try python(text)
    case .list(let values):
        var result = try PythonTuple(count: values.count)
        for element in values { result.add(try python(element)) }
        return result.finish()
    case .record(let fields):
        let result = try PythonDictionary()
        for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
            try result.add(name, try python(field))
        }
        return result.finish()
    }
}

func python(_ architecture: Architecture) throws(PythonError) -> PyReference {
    let result = try PythonDictionary()
    for entry in architecture.entries { try result.add(entry.name, try python(entry.value)) }
    return result.finish()
}

// MARK: - From Python: borrowed references

/// The text of a `str`, or an error that names the argument.
func string(
    _ object: PyReference, _ name: @autoclosure () -> String
) throws(PythonError) -> String {
    guard nas_py_is_str(object) != 0 else { throw wrongType(object, name(), "a string") }
    return try text(of: object)
}

/// The text of an object that is known to be a `str`.
private func text(of object: PyReference) throws(PythonError) -> String {
    var count = 0
    guard let bytes = PyUnicode_AsUTF8AndSize(object, &count) else { throw .raised }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
}

/// Any object with `__index__` except a bool.
func integer(_ object: PyReference, _ name: @autoclosure () -> String) throws(PythonError) -> Int {
    guard nas_py_is_bool(object) == 0, let number = PyNumber_Index(object) else {
        PyErr_Clear()
        throw wrongType(object, name(), "an integer")
    }
    defer { Py_DecRef(number) }
    let result = PyLong_AsSsize_t(number)
    if result == -1, PyErr_Occurred() != nil {
        PyErr_Clear()
        throw .value("\(name()) must fit into 64 bits")
    }
    return result
}

/// Any object with `__float__` or `__index__` except a bool.
func real(_ object: PyReference, _ name: @autoclosure () -> String) throws(PythonError) -> Double {
    let result =
        nas_py_is_bool(object) == 0 && nas_py_is_str(object) == 0
        ? PyFloat_AsDouble(object) : .nan
    if PyErr_Occurred() != nil, PyErr_ExceptionMatches(nas_py_overflow_error()) != 0 {
        PyErr_Clear()
        throw .value("\(name()) must fit into a float64")
    }
    if PyErr_Occurred() != nil || nas_py_is_bool(object) != 0 || nas_py_is_str(object) != 0 {
        PyErr_Clear()
        throw wrongType(object, name(), "a number")
    }
    return result
}

/// A list or tuple of such numbers.
func reals(_ object: PyReference, _ name: @autoclosure () -> String) throws(PythonError) -> [Double] {
    try elements(object, name()) { (_, item) throws(PythonError) in try real(item, name()) }
}

/// The truth of any object, as `if` sees it.
func boolean(_ object: PyReference) throws(PythonError) -> Bool {
    let truth = PyObject_IsTrue(object)
    guard truth >= 0 else { throw .raised }
    return truth == 1
}

/// The elements of a tuple, borrowed.
struct TupleElements: RandomAccessCollection {
    let startIndex = 0
    let endIndex: Int
    private let tuple: PyReference

    fileprivate init(_ tuple: PyReference) {
        self.tuple = tuple
        endIndex = PyTuple_Size(tuple)
    }

    subscript(index: Int) -> PyReference {
        // In bounds: never null.
        guard let item = PyTuple_GetItem(tuple, index) else { preconditionFailure("element \(index)") }
        return item
    }
}

/// What `body` makes of the elements of a list or tuple.
///
/// They stay alive meanwhile, whatever Python code their conversion runs.
func withElements<R>(
    _ object: PyReference, _ name: @autoclosure () -> String,
    _ body: (TupleElements) throws(PythonError) -> R
) throws(PythonError) -> R {
    if nas_py_is_list(object) != 0 {
        let copy = try checked(PyList_AsTuple(object))
        defer { Py_DecRef(copy) }
        return try withElements(copy, name(), body)
    }
    guard nas_py_is_tuple(object) != 0 else { throw wrongType(object, name(), "a list or tuple") }
    Py_IncRef(object)
    defer { Py_DecRef(object) }
    return try body(TupleElements(object))
}

/// What `convert` makes of each element of a list or tuple.
func elements<T>(
    _ object: PyReference, _ name: @autoclosure () -> String,
    _ convert: (_ index: Int, _ element: PyReference) throws(PythonError) -> T
) throws(PythonError) -> [T] {
    try withElements(object, name()) { (elements) throws(PythonError) in
        var result: [T] = []
        result.reserveCapacity(elements.count)
        for index in elements.indices { result.append(try convert(index, elements[index])) }
        return result
    }
}

/// The entries of a dict in order; its keys must be strings.
func entries(
    _ object: PyReference, _ name: @autoclosure () -> String, depth: Int = 0
) throws(PythonError) -> [(String, Value)] {
    guard nas_py_is_dict(object) != 0 else { throw wrongType(object, name(), "a dict") }
    // A copy: conversions run Python code, which may change the dict.
    let items = try checked(PyDict_Items(object))
    defer { Py_DecRef(items) }
    return try elements(items, name()) { (_, item) throws(PythonError) in
        try withElements(item, name()) { (pair) throws(PythonError) in
            let text = try string(pair[0], "\(name())'s keys")
            return (text, try value(pair[1], "\(name())['\(text)']", depth: depth))
        }
    }
}

/// How deep lists and dicts may nest: far more than any state does, far less than the stack.
private let deepestNesting = 32

/// None, bool, int, float, str, or lists, tuples and dicts of these.
func value(
    _ object: PyReference, _ name: @autoclosure () -> String, depth: Int = 0
) throws(PythonError) -> Value {
    if nas_py_is_none(object) != 0 { return .none }
    if nas_py_is_bool(object) != 0 { return .boolean(PyObject_IsTrue(object) == 1) }
    if nas_py_is_str(object) != 0 { return .string(try string(object, name())) }
    if nas_py_is_float(object) != 0 { return .real(PyFloat_AsDouble(object)) }
    guard depth < deepestNesting else { throw .value("\(name()) must not nest so deep") }
    if nas_py_is_list(object) != 0 || nas_py_is_tuple(object) != 0 {
        return .list(
            try elements(object, name()) { (_, element) throws(PythonError) in
                try value(element, name(), depth: depth + 1)
            })
    }
    if nas_py_is_dict(object) != 0 {
        return .record(Dictionary(try entries(object, name(), depth: depth + 1)) { $1 })
    }
    if PyIndex_Check(object) != 0 { return .integer(try integer(object, name())) }
    do {
        return .real(try real(object, name()))
    } catch {
        throw wrongType(object, name(), "a bool, number, string, tuple or None")
    }
}

func wrongType(_ object: PyReference, _ name: String, _ expected: String) -> PythonError {
    .type("\(name) must be \(expected), got \(typeName(of: object))")
}

/// The name of an object's type, for error messages.
func typeName(of object: PyReference) -> String {
    guard let name = PyType_GetName(nas_py_type(object)) else {
        PyErr_Clear()
        return "object"
    }
    defer { Py_DecRef(name) }
    do {
        return try text(of: name)
    } catch {
        PyErr_Clear()
        return "object"
    }
}
