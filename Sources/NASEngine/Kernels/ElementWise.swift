extension Kernels {
    /// y = scale·x where `overwrite`, y += scale·x otherwise; `count` is a multiple of 16.
    static func addScaled(
        _ scale: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int,
        overwrite: Bool
    ) {
        for offset in stride(from: 0, to: count, by: Vector.scalarCount) {
            var sum = scale * load(x + offset)
            if !overwrite { sum += load(y + offset) }
            store(sum, y + offset)
        }
    }

    /// Σ xᵢ·yᵢ, accumulated in eight lanes that are added in order; `count` is a multiple of 16.
    static func dot(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
    ) -> Float {
        var sum = Vector.zero
        for offset in stride(from: 0, to: count, by: Vector.scalarCount) {
            sum += load(x + offset) * load(y + offset)
        }
        var total: Float = 0
        for lane in 0..<Vector.scalarCount { total += sum[lane] }
        return total
    }
}
