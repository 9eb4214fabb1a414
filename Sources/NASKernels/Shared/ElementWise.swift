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

/// Four vectors at a time, which stay in registers while the inputs take turns.
func weightedSumAll(
    _ inputs: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ inputCount: Int,
    _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
    let lanes = Vector.scalarCount
    var offset = 0
    while offset &+ 4 &* lanes <= count {
        let (x, weight) = (inputs[0] + offset, weights[0])
        var (first, second) = (load(x) * weight, load(x + lanes) * weight)
        var (third, fourth) = (load(x + 2 &* lanes) * weight, load(x + 3 &* lanes) * weight)
        var index = 1
        while index < inputCount {
            let (x, weight) = (inputs[index] + offset, weights[index])
            first += load(x) * weight
            second += load(x + lanes) * weight
            third += load(x + 2 &* lanes) * weight
            fourth += load(x + 3 &* lanes) * weight
            index = index &+ 1
        }
        store(first, y + offset)
        store(second, y + offset + lanes)
        store(third, y + offset + 2 &* lanes)
        store(fourth, y + offset + 3 &* lanes)
        offset = offset &+ 4 &* lanes
    }
    while offset < count {
        var sum = load(inputs[0] + offset) * weights[0]
        var index = 1
        while index < inputCount {
            sum += load(inputs[index] + offset) * weights[index]
            index = index &+ 1
        }
        store(sum, y + offset)
        offset = offset &+ lanes
    }
}

/// Both gradients of scale · x in one pass.
struct ScaleBackward: SlopeUser {
    let scale: Float
    let x: UnsafePointer<Float>
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>?
    let rows: Range<Int>
    let accumulate: Bool

    @inline(__always)
    func use<S: Slope>(_ slope: S) -> Float {
        var (even, odd) = (Vector(), Vector())
        let end = rows.upperBound
        var column = 0
        while column < panelWidth {
            var row = rows.lowerBound
            while row &+ 2 <= end {
                even = step(slope, row, column, even)
                odd = step(slope, row &+ 1, column, odd)
                row = row &+ 2
            }
            if row < end { even = step(slope, row, column, even) }
            column = column &+ Vector.scalarCount
        }
        return sum(even + odd)
    }

    /// One row: dx is stored, perhaps where x was, and x·dy is added to `sum`.
    @inline(__always)
    private func step<S: Slope>(_ slope: S, _ row: Int, _ column: Int, _ sum: Vector) -> Vector {
        let offset = row &* panelWidth &+ column
        let (value, gradient) = (load(x + offset), load(dy + offset))
        if let dx {
            let product = slope.times(gradient * scale, row, column)
            store(accumulate ? load(dx + offset) + product : product, dx + offset)
        }
        return multiplyAdd(value, gradient, sum)
    }
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
