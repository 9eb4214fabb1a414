// The extension `swiftnas._native`: this file is its table of contents and nothing else.

import CPython

// Nobody writes to the tables below once they are made.

/// All functions of the module.
private nonisolated(unsafe) let functions = permanent(
    Registries.methods + Training.methods + Extrapolation.methods + Proxies.methods
        + Measurement.methods + [PyMethodDef()])

/// Fills a new module with its types.
private let exec: @convention(c) (PyReference?) -> Int32 = { module in
    guard let module else { return -1 }
    let done =
        addType(SpaceObject.self, to: module) && addType(StrategyObject.self, to: module)
        && addType(CancellationObject.self, to: module) && addType(DatasetObject.self, to: module)
        && addType(ModelObject.self, to: module) && addType(TrainingObject.self, to: module)
    return done ? 0 : -1
}

private nonisolated(unsafe) let slots = permanent([nas_py_slot_exec(exec), nas_py_module_end()])

private nonisolated(unsafe) let definition = permanent([
    nas_py_module(
        cString("swiftnas._native"),
        cString("The swiftnas engine. Use the package's own functions: this module checks less."),
        functions, slots)
])

@c(PyInit__native)
public func initialize() -> UnsafeMutablePointer<PyObject>? {
    PyModuleDef_Init(definition)
}
