func addScaledAll(
    _ scale: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int,
    _ overwrite: Bool
) {
    var offset = 0
    while offset < count {
        let product = load(x + offset) * scale
        store(overwrite ? product : load(y + offset) + product, y + offset)
        offset = offset &+ Vector.scalarCount
    }
}

func dotAll(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float {
    var total = SIMD16<Float>()
    var offset = 0
    while offset < count {
        let left = UnsafeRawPointer(x + offset).load(as: SIMD16<Float>.self)
        total += left * UnsafeRawPointer(y + offset).load(as: SIMD16<Float>.self)
        offset = offset &+ 16
    }
    let eight = total.lowHalf + total.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}

/// In eight interleaved sums, so that they do not wait for each other.
func squaredErrorAll(
    _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>?, _ scale: Float, _ count: Int
) -> Double {
    var total = SIMD8<Double>()
    var row = 0
    while row &+ 8 <= count {
        let p = UnsafeRawPointer(prediction + row).loadUnaligned(as: SIMD8<Float>.self)
        let d = p - UnsafeRawPointer(target + row).loadUnaligned(as: SIMD8<Float>.self)
        let wide = SIMD8<Double>(
            Double(d[0]), Double(d[1]), Double(d[2]), Double(d[3]), Double(d[4]), Double(d[5]),
            Double(d[6]), Double(d[7]))
        total += wide * wide
        if let gradient {
            UnsafeMutableRawPointer(gradient + row)
                .storeBytes(of: d * scale, as: SIMD8<Float>.self)
        }
        row = row &+ 8
    }
    let four = total.lowHalf + total.highHalf
    let two = four.lowHalf + four.highHalf
    var result = two.x + two.y
    while row < count {
        let difference = prediction[row] - target[row]
        result += Double(difference) * Double(difference)
        if let gradient { gradient[row] = scale * difference }
        row = row &+ 1
    }
    return result
}
