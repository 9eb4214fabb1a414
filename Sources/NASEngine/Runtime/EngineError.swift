/// What a user can do wrong, or ask too much of: the only errors that the engine throws.
///
/// A message names the argument, the allowed values and the value that was given, so that every
/// surface (Python, C) can show it as it stands. A diverged or cancelled training is not an error
/// but an outcome, see ``Outcome/Status``.
public enum EngineError: Error, Equatable, CustomStringConvertible {
    /// An argument outside its domain.
    case invalidArgument(String)
    /// A request whose buffers would not fit into this machine's memory.
    case outOfMemory(String)

    /// The message alone.
    public var description: String {
        switch self {
        case .invalidArgument(let message), .outOfMemory(let message): message
        }
    }
}

/// Throws ``EngineError/invalidArgument(_:)`` with `message` unless `condition` holds.
@inline(__always)
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(EngineError) {
    guard condition else { throw .invalidArgument(message()) }
}
