import NASKernelInterface

// The product of a layer with one input is of rank one: it is computed where it is used.

/// C = a·w + bias of a single input, and the edge: each number is stored once, unless it is added to what is there.
func multiplyOneInput(_ product: Product, _ edge: Edge) {
    let layer = OneInputLayer(
        x: product.a.base, stride: product.a.rowStride, weights: rowOfWeights(product), bias: product.bias)
    var panel = 0
    while panel < product.panels {
        let first = panel &* product.rows
        let source = OneInput(layer, panel, first)
        if case .activate(let site) = edge, !product.accumulate {
            activateRows(site, first, product.rows, source)
        } else {
            var column = 0
            while column < panelWidth {
                let columns = source.columns(column)
                var row = first
                while row < first &+ product.rows {
                    let c = product.c + (row &* panelWidth &+ column)
                    store(product.accumulate ? columns.added(load(c), row) : columns.input(row), c)
                    row = row &+ 1
                }
                column = column &+ Vector.scalarCount
            }
            finishRows(edge, product.c, first, product.rows)
        }
        panel = panel &+ 1
    }
}

/// The weights of the one input, one behind the other.
private func rowOfWeights(_ product: Product) -> UnsafePointer<Float> {
    switch product.weights {
    case .panels(let weights): return weights
    case .transposed(let weights, let columns):
        let row = product.workingSpace
        var column = 0
        while column < product.panels &* panelWidth {
            row[column] = column < columns ? weights[column &* panelWidth] : 0
            column = column &+ 1
        }
        return UnsafePointer(row)
    }
}

/// One panel of the product.
struct OneInput: ActivationSource {
    private let layer: OneInputLayer
    private let panel: Int
    private let first: Int

    /// - Parameter first: the number of the panel's first row in its site.
    @inline(__always)
    init(_ layer: OneInputLayer, _ panel: Int, _ first: Int) {
        self.layer = layer
        self.panel = panel
        self.first = first
    }

    @inline(__always)
    func columns(_ column: Int) -> Columns {
        let place = panel &* panelWidth &+ column
        return Columns(
            x: layer.x, stride: layer.stride, first: first, weights: load(layer.weights + place),
            bias: layer.bias.map { load($0 + place) } ?? Vector())
    }

    struct Columns: ActivationColumns {
        let x: UnsafePointer<Float>
        let stride: Int
        let first: Int
        let weights: Vector
        let bias: Vector

        static var isNew: Bool {
            @inline(__always) get { true }
        }

        @inline(__always)
        func input(_ row: Int) -> Vector { added(bias, row) }

        /// The product without the bias, and `sum`.
        @inline(__always)
        func added(_ sum: Vector, _ row: Int) -> Vector {
            multiplyAdd(weights, x[(row &- first) &* stride], sum)
        }
    }
}
