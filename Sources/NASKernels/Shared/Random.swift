import NASIntrinsics
import NASKernelInterface

/// Rows of a mask that one draw of sixteen lanes decides: two groups of four words.
private let rowsPerDraw = 8

/// Row r of panel p takes word r mod 4 of the counters (8·⌊r / 4⌋ + lane, p, epoch, site); the low half
/// of lane j decides column 2j, the high half column 2j + 1.
func fillMaskAll(_ mask: UnsafeMutablePointer<UInt16>, _ draw: MaskDraw) {
    var panel = 0
    while panel < draw.panels {
        let target = mask + panel &* draw.rows
        // Draws begin at multiples of eight rows of the data, wherever the block begins.
        var row = 0 &- draw.firstRow % rowsPerDraw
        while row < draw.rows {
            let group = UInt32(truncatingIfNeeded: (draw.firstRow &+ row) / 4)
            let random = Threefry(
                key: draw.key, first: group &* 8, UInt32(truncatingIfNeeded: panel), draw.step,
                draw.site)
            let pairs = (
                bits(random.words.0, draw.keep), bits(random.words.1, draw.keep),
                bits(random.words.2, draw.keep), bits(random.words.3, draw.keep)
            )
            set(target, row, draw.rows, pairs.0)
            set(target, row &+ 1, draw.rows, pairs.1)
            set(target, row &+ 2, draw.rows, pairs.2)
            set(target, row &+ 3, draw.rows, pairs.3)
            row = row &+ rowsPerDraw
        }
        panel = panel &+ 1
    }
}

/// One bit per 16-bit half: whether it is below `keep`.
@inline(__always)
private func bits(_ words: Threefry.Lanes, _ keep: UInt32) -> UInt32 {
    guard keep > 0 else { return 0 }
    return withUnsafeBytes(of: words) {
        guard let base = $0.baseAddress else { return 0 }
        return nas_at_most(
            base.assumingMemoryBound(to: UInt32.self), UInt16(truncatingIfNeeded: keep &- 1))
    }
}

/// The low half is for `row`, the high half for four rows on.
@inline(__always)
private func set(_ target: UnsafeMutablePointer<UInt16>, _ row: Int, _ rows: Int, _ pair: UInt32) {
    if row >= 0, row < rows { target[row] = UInt16(truncatingIfNeeded: pair) }
    if row &+ 4 >= 0, row &+ 4 < rows { target[row &+ 4] = UInt16(truncatingIfNeeded: pair &>> 16) }
}

/// Number n comes from word ⌊n / 16⌋ mod 4 of the counter (16·⌊n / 64⌋ + n mod 16, …).
func fillUniformAll(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ key: SIMD4<UInt32>, _ limit: Float
) {
    var start = 0
    while start < count {
        let draw = start / 64
        let random = Threefry(
            key: key, first: UInt32(truncatingIfNeeded: draw &* 16),
            UInt32(truncatingIfNeeded: draw &>> 28), 0, 0)
        let left = count &- start
        put(random.words.0, values + start, left, limit)
        put(random.words.1, values + (start &+ 16), left &- 16, limit)
        put(random.words.2, values + (start &+ 32), left &- 32, limit)
        put(random.words.3, values + (start &+ 48), left &- 48, limit)
        start = start &+ 64
    }
}

@inline(__always)
private func put(
    _ words: Threefry.Lanes, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ limit: Float
) {
    // 23 random bits under the exponent of 2 are a number in [2, 4).
    let random = unsafeBitCast(
        (words &>> Threefry.Lanes(repeating: 9)) | Threefry.Lanes(repeating: 0x4000_0000),
        to: SIMD16<Float>.self)
    let numbers = (random - 3) * limit
    if count >= 16 {
        UnsafeMutableRawPointer(target).storeBytes(of: numbers, as: SIMD16<Float>.self)
    } else {
        var lane = 0
        while lane < count {
            target[lane] = numbers[lane]
            lane = lane &+ 1
        }
    }
}
