// The only user of Py_buffer. A FloatBuffer owns one export of a Python object's memory: the memory stays
// valid and the object cannot be resized until the buffer is released, which needs the GIL. It may alias
// other buffers; nobody writes through one that was not asked for as writable.

import CPython

/// A C-contiguous float32 view of a Python object's memory.
final class FloatBuffer: @unchecked Sendable {
    // Unchecked: the view is only written at creation; contents are the exporter's concern.

    /// At a fixed address, as exporters may let a view point into itself.
    private let view: UnsafeMutablePointer<Py_buffer>
    let base: UnsafeMutablePointer<Float>
    let shape: [Int]

    /// Throws unless `object` exports float32 values of 1 or 2 dimensions in C order.
    init(_ object: PyReference, _ name: String, writable: Bool = false) throws(PythonError) {
        let flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0)
        let view = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
        guard PyObject_GetBuffer(object, view, flags) == 0 else {
            view.deallocate()
            PyErr_Clear()
            throw .type(
                "\(name) must be a C-contiguous \(writable ? "writable " : "")float32 array, "
                    + "got \(typeName(of: object))")
        }
        let dimensions = Int(view.pointee.ndim)
        // An empty array may have no memory; its pointer is never followed.
        let memory =
            view.pointee.buf ?? UnsafeMutableRawPointer(bitPattern: MemoryLayout<Float>.alignment)
        guard Self.isFloat32(view.pointee), (1...2).contains(dimensions), let memory,
            Int(bitPattern: memory) % MemoryLayout<Float>.alignment == 0
        else {
            let format = view.pointee.format.map { String(cString: $0) } ?? "B"
            Self.release(view)
            throw .type(
                "\(name) must be an aligned float32 array of 1 or 2 dimensions, "
                    + "got format '\(format)' with \(dimensions)")
        }
        self.view = view
        base = memory.assumingMemoryBound(to: Float.self)
        shape = Array(UnsafeBufferPointer(start: view.pointee.shape, count: dimensions))
    }

    private static func isFloat32(_ view: Py_buffer) -> Bool {
        guard let format = view.format else { return false }
        return format[0] == CChar(UInt8(ascii: "f")) && format[1] == 0
    }

    private static func release(_ view: UnsafeMutablePointer<Py_buffer>) {
        PyBuffer_Release(view)
        view.deallocate()
    }

    /// Rows and columns of a 2-D buffer.
    func matrixShape(_ name: String) throws(PythonError) -> (rows: Int, columns: Int) {
        guard shape.count == 2 else {
            throw .value("\(name) must have 2 dimensions, got \(shape.count)")
        }
        return (shape[0], shape[1])
    }

    var count: Int { shape.reduce(1, *) }

    var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    deinit { GIL.withGIL { Self.release(view) } }
}
