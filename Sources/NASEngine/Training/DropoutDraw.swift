/// Which dropout of a network a mask is for.
struct DropoutSite {
    /// Its number in forward order.
    let index: Int
    /// Panels of all dropouts before it: where its masks begin in a recording.
    let panelsBefore: Int
}

/// Where the dropout masks of one epoch come from.
///
/// A mask has one bit per element, 16 to a word, in the order `[panels][rows]` of a block.
struct DropoutDraw {
    enum Source {
        /// A counter-based stream: any element's bit depends on its own position only.
        case counter(key: SIMD4<UInt32>, epoch: UInt32)
        /// Masks of the whole data, recorded beforehand as `[sites' panels][rows]`.
        case recording(UnsafePointer<UInt16>, rows: Int)
    }

    let source: Source

    /// Writes the mask of one block.
    /// - Parameter keep: the probability of a 1; the counter source rounds it to a multiple of 2⁻¹⁶.
    func fill(
        _ mask: UnsafeMutablePointer<UInt16>, site: DropoutSite, keep: Double, columns: Int,
        rows: Int, firstRow: Int
    ) {
        let panels = Kernels.panels(columns)
        switch source {
        case .counter(let key, let epoch):
            Kernels.fillMask(
                mask, key: key, epoch: epoch, site: UInt32(truncatingIfNeeded: site.index),
                keep: UInt32((keep * 65_536).rounded()), panels: panels, rows: rows,
                firstRow: firstRow)
        case .recording(let words, let allRows):
            for panel in 0..<panels {
                let from = words + (site.panelsBefore + panel) * allRows + firstRow
                let to = mask + panel * rows
                for row in 0..<rows { to[row] = from[row] }
            }
        }
    }
}

extension Kernels {
    /// Rows per random block: four words of 2 × 16 bits for each of eight lanes.
    private static let rowsPerDraw = 4

    /// Draws the masks of a block; `keep` is the number of 16-bit values that mean 1.
    ///
    /// Row r of panel p takes word r mod 4 of the counters (8·⌊r / 4⌋ + lane, p, epoch, site); the low
    /// half of lane j decides column j, the high half column j + 8.
    static func fillMask(
        _ mask: UnsafeMutablePointer<UInt16>, key: SIMD4<UInt32>, epoch: UInt32, site: UInt32,
        keep: UInt32, panels: Int, rows: Int, firstRow: Int
    ) {
        typealias Lanes = SIMD8<UInt32>
        let lanes: Lanes = [0, 1, 2, 3, 4, 5, 6, 7]
        for panel in 0..<panels {
            let target = mask + panel * rows
            var row = -(firstRow % rowsPerDraw)
            while row < rows {
                let group = UInt32(truncatingIfNeeded: (firstRow + row) / rowsPerDraw)
                var words = (
                    Lanes(repeating: group &* 8) &+ lanes,
                    Lanes(repeating: UInt32(truncatingIfNeeded: panel)),
                    Lanes(repeating: epoch), Lanes(repeating: site)
                )
                Threefry.encrypt(&words, key: key)
                if row >= 0 { target[row] = keepBits(words.0, keep) }
                if row + 1 >= 0, row + 1 < rows { target[row + 1] = keepBits(words.1, keep) }
                if row + 2 >= 0, row + 2 < rows { target[row + 2] = keepBits(words.2, keep) }
                if row + 3 < rows { target[row + 3] = keepBits(words.3, keep) }
                row += rowsPerDraw
            }
        }
    }

    @inline(__always)
    private static func keepBits(_ words: SIMD8<UInt32>, _ keep: UInt32) -> UInt16 {
        let place: SIMD8<UInt32> = [1, 2, 4, 8, 16, 32, 64, 128]
        let limit = SIMD8(repeating: keep)
        let zero = SIMD8<UInt32>()
        let low = zero.replacing(with: place, where: (words & 0xFFFF) .< limit)
        let high = zero.replacing(with: place &<< 8, where: (words &>> 16) .< limit)
        return UInt16(truncatingIfNeeded: (low | high).wrappedSum())
    }
}
