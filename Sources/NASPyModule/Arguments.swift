import CPython
import NASEngine

/// The positional arguments of one call, borrowed for its length and read by position and name.
struct Arguments {
    private let tuple: PyReference
    /// How many there are.
    let count: Int

    /// Throws unless there are exactly `count`, or up to `optional` more.
    init(
        _ tuple: PyReference?, _ count: Int, optional: Int = 0, of function: StaticString
    ) throws(PythonError) {
        let allowed = optional == 0 ? "\(count)" : "\(count) to \(count + optional)"
        guard let tuple else { throw .type("\(function)() takes \(allowed) arguments") }
        let given = PyTuple_Size(tuple)
        guard (count...count + optional).contains(given) else {
            throw .type("\(function)() takes \(allowed) positional arguments, got \(given)")
        }
        self.tuple = tuple
        self.count = given
    }

    subscript(index: Int) -> PyReference {
        // In bounds, as the count was checked: never null.
        guard let item = PyTuple_GetItem(tuple, index) else { preconditionFailure("argument \(index)") }
        return item
    }

    func isNone(_ index: Int) -> Bool { nas_py_is_none(self[index]) != 0 }

    func string(_ index: Int, _ name: String) throws(PythonError) -> String {
        try NASPyModule.string(self[index], name)
    }

    func integer(_ index: Int, _ name: String) throws(PythonError) -> Int {
        try NASPyModule.integer(self[index], name)
    }

    /// An integer ≥ 0.
    func seed(_ index: Int, _ name: String = "seed") throws(PythonError) -> UInt64 {
        let number = try integer(index, name)
        guard number >= 0 else { throw .value("\(name) must be ≥ 0, got \(number)") }
        return UInt64(number)
    }

    func optionalInteger(_ index: Int, _ name: String) throws(PythonError) -> Int? {
        isNone(index) ? nil : try integer(index, name)
    }

    func generator(_ index: Int) throws(PythonError) -> GeneratorKind {
        let rng = try string(index, "rng")
        guard let generator = GeneratorKind(rawValue: rng) else {
            throw .value("rng must be 'counter' or 'torch', got '\(rng)'")
        }
        return generator
    }

    func real(_ index: Int, _ name: String) throws(PythonError) -> Double {
        try NASPyModule.real(self[index], name)
    }

    /// A list or tuple of numbers.
    func reals(_ index: Int, _ name: String) throws(PythonError) -> [Double] {
        try NASPyModule.reals(self[index], name)
    }

    func boolean(_ index: Int) throws(PythonError) -> Bool {
        try NASPyModule.boolean(self[index])
    }

    func architecture(_ index: Int) throws(PythonError) -> Architecture {
        Architecture(try entries(self[index], "architecture"))
    }

    func options(_ index: Int, _ name: String = "options") throws(PythonError) -> [String: Value] {
        Dictionary(try entries(self[index], name)) { $1 }
    }

    /// A list of float32 buffers as one array each; nil for None.
    func weights(_ index: Int, _ name: String) throws(PythonError) -> [[Float]]? {
        guard !isNone(index) else { return nil }
        return try elements(self[index], name) { (number, item) throws(PythonError) in
            try FloatBuffer(item, "\(name)[\(number)]").array
        }
    }

    /// The Swift object of an argument of one of the extension's types.
    func object<T: WrappedObject>(_ index: Int, _ name: String, _ type: T.Type) throws(PythonError) -> T {
        try NASPyModule.object(self[index], name, type)
    }

    /// The same, or nil for None.
    func optionalObject<T: WrappedObject>(
        _ index: Int, _ name: String, _ type: T.Type
    ) throws(PythonError) -> T? {
        isNone(index) ? nil : try object(index, name, type)
    }
}
