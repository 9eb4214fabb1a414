import NASKernelInterface

/// Which dropout of a network a mask is for.
struct DropoutSite {
    /// Its number in forward order.
    let index: Int
    /// Panels of all dropouts before it: where its masks begin in a recording.
    let panelsBefore: Int
}

/// Where the dropout masks of one step come from.
///
/// A mask has one bit per element, 16 to a word, in the order `[panels][rows]` of a block.
struct DropoutDraw {
    enum Source {
        /// A counter-based stream: any element's bit depends on its own position only.
        case counter(key: SIMD4<UInt32>, step: UInt32)
        /// Masks of all the step's rows, recorded beforehand as `[sites' panels][rows]`.
        case recording(UnsafePointer<UInt16>, rows: Int)
    }

    let source: Source

    /// Writes the mask of one block.
    /// - Parameter keep: the probability of a 1; the counter source rounds it to a multiple of 2⁻¹⁶.
    func fill(
        _ mask: UnsafeMutablePointer<UInt16>, site: DropoutSite, keep: Double, columns: Int,
        rows: Int, firstRow: Int
    ) {
        let panels = Panels.count(columns)
        switch source {
        case .counter(let key, let step):
            InstructionSet.current.kernels.fillMask(
                mask,
                MaskDraw(
                    key: key, step: step, site: UInt32(truncatingIfNeeded: site.index),
                    keep: UInt32((keep * 65_536).rounded()), panels: panels, rows: rows,
                    firstRow: firstRow))
        case .recording(let words, let allRows):
            for panel in 0..<panels {
                let from = words + (site.panelsBefore + panel) * allRows + firstRow
                (mask + panel * rows).update(from: from, count: rows)
            }
        }
    }
}
