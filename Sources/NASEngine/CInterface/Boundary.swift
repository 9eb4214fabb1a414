// Contract of this folder: the functions that `nas_engine.h` declares, no more and no less, and the
// compiler checks each against its declaration. A handle is a retained object; the caller owns it.

import CNASEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The calling thread's last error text, freed with the thread.
private enum LastError {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { free($0) }
        return key
    }()

    static var text: UnsafePointer<CChar>? {
        get { pthread_getspecific(key).map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) } }
        set {
            free(pthread_getspecific(key))
            pthread_setspecific(key, newValue.flatMap { strdup($0) })
        }
    }
}

/// An empty text that lives for ever.
private let noError: StaticString = ""

@c @implementation
public func nas_last_error() -> UnsafePointer<CChar> {
    LastError.text ?? UnsafeRawPointer(noError.utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func nas_abi_version() -> Int32 { NAS_ABI_VERSION }

/// Runs the body of one interface function and turns what it throws into a status and a text.
func guarded(_ body: () throws(EngineError) -> nas_status) -> nas_status {
    LastError.text = nil
    do {
        return try body()
    } catch {
        error.description.withCString { LastError.text = $0 }
        return switch error {
        case .invalidArgument: NAS_INVALID_ARGUMENT
        case .outOfMemory: NAS_OUT_OF_MEMORY
        }
    }
}

/// Gives an object to the caller through `handle`.
func hand(
    _ object: AnyObject, to handle: UnsafeMutablePointer<OpaquePointer?>
) -> nas_status {
    handle.pointee = OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    return NAS_OK
}

/// The object behind a handle.
func object<T: AnyObject>(_ handle: OpaquePointer?, _ name: String) throws(EngineError) -> T {
    let handle = try present(handle, name)
    // Casts in C are the caller's word only: another kind of object must not be taken for a T.
    let object = Unmanaged<AnyObject>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
    guard let object = object as? T else {
        throw .invalidArgument("\(name) must be a handle of that kind, got one of another")
    }
    return object
}

/// The object behind a handle that may be null.
func optionalObject<T: AnyObject>(_ handle: OpaquePointer?, _ name: String) throws(EngineError) -> T? {
    handle == nil ? nil : try object(handle, name)
}

/// Gives up the caller's reference.
func release<T: AnyObject>(_ handle: OpaquePointer?, _: T.Type) {
    guard let handle else { return }
    Unmanaged<T>.fromOpaque(UnsafeRawPointer(handle)).release()
}

/// The pointer, or an error that names the argument.
func present<T>(_ pointer: T?, _ name: String) throws(EngineError) -> T {
    guard let pointer else { throw .invalidArgument("\(name) must not be null") }
    return pointer
}

/// The string behind a pointer, or an error that names the argument.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(EngineError) -> String {
    String(cString: try present(pointer, name))
}

/// A number of C array elements: those beyond `Int.max` arrive as negative ones.
func length(_ count: Int, _ name: String) throws(EngineError) -> Int {
    try require(count >= 0, "\(name) must not exceed the address space")
    return count
}

/// The elements of a C array; its pointer may be null if there are none.
func array<T>(
    _ base: UnsafePointer<T>?, _ count: Int, _ name: String, _ countName: String = "count"
) throws(EngineError) -> UnsafeBufferPointer<T> {
    let count = try length(count, countName)
    return UnsafeBufferPointer(start: count > 0 ? try present(base, name) : base, count: count)
}

/// A C string that lives as long as its owner.
final class CText {
    let pointer: UnsafeMutablePointer<CChar>?
    init(_ string: String) { pointer = strdup(string) }
    deinit { free(pointer) }

    /// The string for the caller, who must not change it.
    var read: UnsafePointer<CChar>? { pointer.map { UnsafePointer($0) } }
}

/// Names of registered parts as C strings, made once.
struct CNames: @unchecked Sendable {
    // Unchecked: never written to after creation.
    private let texts: [CText]
    init(_ names: [String]) { texts = names.map { CText($0) } }

    var count: Int { texts.count }

    /// Writes the name at `index` to `target`.
    func write(
        _ index: Int, to target: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) throws(EngineError) -> nas_status {
        try require(
            texts.indices.contains(index),
            "index must be below \(count), got \(UInt(bitPattern: index))")
        try present(target, "name").pointee = texts[index].read
        return NAS_OK
    }
}
