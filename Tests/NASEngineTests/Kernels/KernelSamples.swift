import NASKernelInterface
import Testing

@testable import NASEngine

/// A row-major matrix of reproducible numbers in ±1.
func numbers(_ rows: Int, _ columns: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<rows * columns).map { _ in Float(random.uniform() * 2 - 1) }
}

/// A matrix of which the given share is not zero.
func sparse(_ rows: Int, _ columns: Int, share: Double, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return numbers(rows, columns, seed: seed + 1).map { random.uniform() < share ? $0 : 0 }
}

/// An arena that holds `matrix` in panels.
func packed(_ matrix: [Float], _ rows: Int, _ columns: Int) throws -> Arena {
    let arena = try blank(rows, columns)
    Panels.pack(matrix, rows: rows, columns: columns, into: arena.base)
    return arena
}

/// An arena for a matrix in panels, full of NaN.
func blank(_ rows: Int, _ columns: Int) throws -> Arena {
    let count = Panels.floats(rows: rows, columns: columns)
    let arena = try Arena(floats: count, zeroed: 0)
    arena.base.update(repeating: .nan, count: count)
    return arena
}

/// Room for one product at a time, full of NaN.
func workingSpace(width: Int) throws -> Arena {
    try blank(productWorkingSpace(width: width) / Panels.width, Panels.width)
}

func unpacked(_ arena: Arena, _ rows: Int, _ columns: Int) -> [Float] {
    var matrix = [Float](repeating: .nan, count: rows * columns)
    Panels.unpack(arena.base, rows: rows, columns: columns, into: &matrix)
    return matrix
}

/// The largest difference of corresponding elements; infinite where one of them is not a number, as what nobody
/// wrote is in a ``blank(_:_:)`` arena.
func distance(_ a: [Float], _ b: [Double]) -> Double {
    let differences = zip(a, b).map { abs(Double($0) - $1) }
    return differences.contains(where: \.isNaN) ? .infinity : differences.max() ?? .infinity
}

/// Sizes at and around the tiles' edges.
let edgeSizes = [1, 5, 6, 7, 15, 16, 17, 33]
