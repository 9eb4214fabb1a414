import NASKernelInterface

// The product of a layer with one input is of rank one: it is computed where it is used.

/// C = a·w + bias of a single input, and the edge: each number is stored once.
func multiplyOneInput(_ product: Product, _ edge: Edge) {
    var panel = 0
    while panel < product.panels {
        let first = panel &* product.rows
        let source = OneInput(product, panel, first)
        switch edge {
        case .activate(let site): activateRows(site, first, product.rows, source)
        case .none, .differentiate:
            var row = 0
            while row < product.rows {
                var column = 0
                while column < panelWidth {
                    let to = product.c + ((first &+ row) &* panelWidth &+ column)
                    store(source.input(first &+ row, column), to)
                    column = column &+ Vector.scalarCount
                }
                row = row &+ 1
            }
            finish(edge, product.c, first, product.rows)
        }
        panel = panel &+ 1
    }
}

/// One panel of the product, an element at a time.
private struct OneInput: ActivationSource {
    /// The input of the panel's first row.
    private let x: UnsafePointer<Float>
    private let stride: Int
    private let weights: UnsafePointer<Float>
    private let bias: UnsafePointer<Float>?
    private let first: Int

    static var isNew: Bool {
        @inline(__always) get { true }
    }

    @inline(__always)
    init(_ product: Product, _ panel: Int, _ first: Int) {
        x = product.a.base
        stride = product.a.rowStride
        weights = product.weights + panel &* panelWidth
        bias = product.bias.map { $0 + panel &* panelWidth }
        self.first = first
    }

    @inline(__always)
    func input(_ row: Int, _ column: Int) -> Vector {
        let start = bias.map { load($0 + column) } ?? Vector()
        return multiplyAdd(load(weights + column), x[(row &- first) &* stride], start)
    }
}
