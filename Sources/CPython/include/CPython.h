// Python.h behind the limited API of CPython 3.11, and functions for what Swift cannot see of it:
// macros, variadics and the exception objects. All shims begin with nas_py.
#ifndef NAS_CPYTHON_H
#define NAS_CPYTHON_H

// Before Python.h: otherwise debug builds meet two definitions of fd_set.
#include <features.h>

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

// An instance of any of the extension's types: the header and one retained Swift object.
typedef struct nas_py_object {
    PyObject_HEAD
    void *swift_object;
} nas_py_object;

static inline PyObject *nas_py_none(void) { return Py_NewRef(Py_None); }
static inline PyObject *nas_py_bool(int value) { return PyBool_FromLong(value); }
static inline int nas_py_is_none(PyObject *object) { return Py_IsNone(object); }
static inline int nas_py_is_bool(PyObject *object) { return PyBool_Check(object); }
static inline int nas_py_is_float(PyObject *object) { return PyFloat_Check(object); }
static inline int nas_py_is_str(PyObject *object) { return PyUnicode_Check(object); }
static inline int nas_py_is_list(PyObject *object) { return PyList_Check(object); }
static inline int nas_py_is_tuple(PyObject *object) { return PyTuple_Check(object); }
static inline int nas_py_is_dict(PyObject *object) { return PyDict_Check(object); }
static inline PyTypeObject *nas_py_type(PyObject *object) { return Py_TYPE(object); }
static inline PyObject *nas_py_type_object(PyObject *object) { return (PyObject *)Py_TYPE(object); }

static inline PyObject *nas_py_value_error(void) { return PyExc_ValueError; }
static inline PyObject *nas_py_type_error(void) { return PyExc_TypeError; }
static inline PyObject *nas_py_memory_error(void) { return PyExc_MemoryError; }
static inline PyObject *nas_py_overflow_error(void) { return PyExc_OverflowError; }

// Whether the object is a type that was made with this deallocator: all of the extension's types are.
static inline int nas_py_is_type_with_dealloc(PyObject *object, void (*function)(PyObject *)) {
    return PyType_Check(object)
        && PyType_GetSlot((PyTypeObject *)object, Py_tp_dealloc) == (void *)function;
}
static inline void *nas_py_swift(PyObject *object) { return ((nas_py_object *)object)->swift_object; }
static inline void nas_py_set_swift(PyObject *object, void *pointer) {
    ((nas_py_object *)object)->swift_object = pointer;
}

// A slot value is a void pointer; Swift does not convert functions to those.
static inline PyType_Slot nas_py_slot_dealloc(void (*function)(PyObject *)) {
    return (PyType_Slot){Py_tp_dealloc, (void *)function};
}
static inline PyType_Slot nas_py_slot_new(PyObject *(*function)(PyTypeObject *, PyObject *, PyObject *)) {
    return (PyType_Slot){Py_tp_new, (void *)function};
}
static inline PyType_Slot nas_py_slot_methods(PyMethodDef *methods) {
    return (PyType_Slot){Py_tp_methods, methods};
}
static inline PyType_Slot nas_py_slot_getters(PyGetSetDef *getters) {
    return (PyType_Slot){Py_tp_getset, getters};
}
static inline PyType_Slot nas_py_slot_end(void) { return (PyType_Slot){0, NULL}; }

static inline PyObject *nas_py_new_type(PyObject *module, const char *name, PyType_Slot *slots) {
    PyType_Spec spec = {name, sizeof(nas_py_object), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};
    return PyType_FromModuleAndSpec(module, &spec, NULL);
}
static inline PyObject *nas_py_allocate(PyTypeObject *type) {
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return allocate(type, 0);
}
static inline void nas_py_free(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static inline PyModuleDef_Slot nas_py_slot_exec(int (*function)(PyObject *)) {
    return (PyModuleDef_Slot){Py_mod_exec, (void *)function};
}
static inline PyModuleDef_Slot nas_py_module_end(void) { return (PyModuleDef_Slot){0, NULL}; }
static inline PyModuleDef nas_py_module(const char *name, const char *doc, PyMethodDef *methods,
                                        PyModuleDef_Slot *slots) {
    PyModuleDef definition = {PyModuleDef_HEAD_INIT, name, doc, 0, methods, slots, NULL, NULL, NULL};
    return definition;
}

#endif
