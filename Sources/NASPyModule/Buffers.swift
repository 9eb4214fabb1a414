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
        let format = view.pointee.format.map { String(cString: $0) } ?? "B"
        let dimensions = (0..<Int(view.pointee.ndim)).map { view.pointee.shape[$0] }
        // An empty array may have no memory; its pointer is never followed.
        let memory =
            view.pointee.buf ?? UnsafeMutableRawPointer(bitPattern: MemoryLayout<Float>.alignment)
        guard format == "f", (1...2).contains(dimensions.count), let memory,
            Int(bitPattern: memory) % MemoryLayout<Float>.alignment == 0
        else {
            Self.release(view)
            throw .type(
                "\(name) must be an aligned float32 array of 1 or 2 dimensions, "
                    + "got format '\(format)' with \(dimensions.count)")
        }
        self.view = view
        base = memory.assumingMemoryBound(to: Float.self)
        shape = dimensions
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
