/// A matrix that a product reads element by element: in panels, or row-major as users hand it in.
public struct Operand {
    public let base: UnsafePointer<Float>
    /// Distance between two rows, in floats.
    public let rowStride: Int
    /// Distance between two groups of 16 columns, in floats.
    public let panelStride: Int

    public init(base: UnsafePointer<Float>, rowStride: Int, panelStride: Int) {
        self.base = base
        self.rowStride = rowStride
        self.panelStride = panelStride
    }
}

/// The matrix that a ``Product`` multiplies by, `(depth, columns)`.
public enum Weights {
    /// `[columns / 16][depth][16]`.
    case panels(UnsafePointer<Float>)
    /// Its transpose, `[depth / 16][columns][16]`: a layer's weights, for the input gradient.
    case transposed(UnsafePointer<Float>, columns: Int)
}

/// Rows of the largest block that is worked on at once: its activations stay in the cache between forward and backward
/// pass.
public let greatestBlock = 408

/// Floats that a ``Product`` or ``WeightGradient`` of up to so many inputs and outputs needs to work with.
///
/// Of transposed weights, at most 192 inputs are put in order at a time; where zeros are skipped, as much as that and a
/// constant is enough. Where quarters are multiplied, sums of quarters of two blocks are needed, and two quarters of dW.
public func productWorkingSpace(width: Int) -> Int { 9_216 + 204 * width + width * width / 2 }

/// The operands of ``KernelSet/multiply(_:edge:)``.
public struct Product {
    /// `(rows, depth)`.
    public let a: Operand
    public let depth: Int
    public let weights: Weights
    /// `[panels][16]`, or nil to start from zero; not used where ``accumulate``.
    public let bias: UnsafePointer<Float>?
    /// `[panels][rows][16]`.
    public let c: UnsafeMutablePointer<Float>
    public let rows: Int
    public let panels: Int
    public let accumulate: Bool
    /// ``productWorkingSpace(width:)`` floats of any content, which nobody else uses at the same time.
    public let workingSpace: UnsafeMutablePointer<Float>
    /// What ``KernelSet/sumQuarters(_:depth:panels:into:)`` made of the layer's weights. With it the product may be done in
    /// fewer operations; the rounding of a row's result then depends on the rows beside it.
    public let quarterSums: UnsafePointer<Float>?

    public init(
        a: Operand, depth: Int, weights: Weights, bias: UnsafePointer<Float>?,
        c: UnsafeMutablePointer<Float>, rows: Int, panels: Int, accumulate: Bool,
        workingSpace: UnsafeMutablePointer<Float>, quarterSums: UnsafePointer<Float>? = nil
    ) {
        self.a = a
        self.depth = depth
        self.weights = weights
        self.bias = bias
        self.c = c
        self.rows = rows
        self.panels = panels
        self.accumulate = accumulate
        self.workingSpace = workingSpace
        self.quarterSums = quarterSums
    }
}

/// The operands of ``KernelSet/weightGradient(_:)``.
public struct WeightGradient {
    /// The layer's input, `(rows, depth)`.
    public let a: Operand
    public let depth: Int
    /// The gradient of its output, `[panels][rows][16]`.
    public let dC: UnsafePointer<Float>
    public let rows: Int
    public let panels: Int
    /// `[panels][depth][16]`.
    public let dW: UnsafeMutablePointer<Float>
    /// `[panels][16]`.
    public let db: UnsafeMutablePointer<Float>
    /// Whether to add to what is there.
    public let accumulate: Bool
    /// As in ``Product/workingSpace``.
    public let workingSpace: UnsafeMutablePointer<Float>
    /// Whether dW may be computed in fewer operations, whose rounding is relative to all of A and dC, not to their columns
    /// alone: a sum of zeros then need not be zero, of which optimizers that divide by it make whole steps.
    public let allowsQuarters: Bool

    public init(
        a: Operand, depth: Int, dC: UnsafePointer<Float>, rows: Int, panels: Int,
        dW: UnsafeMutablePointer<Float>, db: UnsafeMutablePointer<Float>, accumulate: Bool,
        workingSpace: UnsafeMutablePointer<Float>, allowsQuarters: Bool = false
    ) {
        self.a = a
        self.depth = depth
        self.dC = dC
        self.rows = rows
        self.panels = panels
        self.dW = dW
        self.db = db
        self.accumulate = accumulate
        self.workingSpace = workingSpace
        self.allowsQuarters = allowsQuarters
    }
}

/// The operands of ``KernelSet/columnForward(_:edge:)``.
public struct ColumnForward {
    /// The layer's input, `(rows, depth)` in panels; not read if there is ``before``.
    public let a: UnsafePointer<Float>
    /// Filled up to whole panels.
    public let w: UnsafePointer<Float>
    public let bias: Float
    /// One float per row.
    public let y: UnsafeMutablePointer<Float>
    public let rows: Int
    public let depth: Int
    /// The layer that makes A, if it has one input and an activation: both are done in one pass.
    public let before: OneInputLayer?

    public init(
        a: UnsafePointer<Float>, w: UnsafePointer<Float>, bias: Float,
        y: UnsafeMutablePointer<Float>, rows: Int, depth: Int, before: OneInputLayer? = nil
    ) {
        self.a = a
        self.w = w
        self.bias = bias
        self.y = y
        self.rows = rows
        self.depth = depth
        self.before = before
    }
}

/// A layer with one input.
public struct OneInputLayer {
    /// One number per row, `stride` floats apart.
    public let x: UnsafePointer<Float>
    public let stride: Int
    /// `[panels][16]`, as ``bias``, which may be nil for zeros.
    public let weights: UnsafePointer<Float>
    public let bias: UnsafePointer<Float>?

    public init(
        x: UnsafePointer<Float>, stride: Int, weights: UnsafePointer<Float>,
        bias: UnsafePointer<Float>?
    ) {
        self.x = x
        self.stride = stride
        self.weights = weights
        self.bias = bias
    }
}

/// The operands of ``KernelSet/columnBackward(_:edge:)``.
public struct ColumnBackward {
    /// The layer's input, `(rows, depth)` in panels.
    public let a: UnsafePointer<Float>
    /// Filled up to whole panels.
    public let w: UnsafePointer<Float>
    /// The gradient of its output, one float per row.
    public let dy: UnsafePointer<Float>
    public let rows: Int
    public let depth: Int
    /// In panels; may be ``a``. Not written if there is ``before``.
    public let dA: UnsafeMutablePointer<Float>
    public let dw: UnsafeMutablePointer<Float>
    /// One float.
    public let db: UnsafeMutablePointer<Float>
    /// Whether all gradients of parameters are added to what is there.
    public let accumulate: Bool
    /// The layer that made A, if it has one input and nobody else wants dA: its gradients are computed too.
    public let before: OneInputGradients?

    public init(
        a: UnsafePointer<Float>, w: UnsafePointer<Float>, dy: UnsafePointer<Float>, rows: Int,
        depth: Int, dA: UnsafeMutablePointer<Float>, dw: UnsafeMutablePointer<Float>,
        db: UnsafeMutablePointer<Float>, accumulate: Bool, before: OneInputGradients? = nil
    ) {
        self.a = a
        self.w = w
        self.dy = dy
        self.rows = rows
        self.depth = depth
        self.dA = dA
        self.dw = dw
        self.db = db
        self.accumulate = accumulate
        self.before = before
    }
}

/// The input of a layer that has but one, and where the layer's gradients go.
public struct OneInputGradients {
    /// One number per row, `stride` floats apart.
    public let x: UnsafePointer<Float>
    public let stride: Int
    /// `[panels][16]`, as ``db``.
    public let dW: UnsafeMutablePointer<Float>
    public let db: UnsafeMutablePointer<Float>

    public init(
        x: UnsafePointer<Float>, stride: Int, dW: UnsafeMutablePointer<Float>,
        db: UnsafeMutablePointer<Float>
    ) {
        self.x = x
        self.stride = stride
        self.dW = dW
        self.db = db
    }
}

/// An activation with the dropout behind it, and the values of one block; `[panels][rows][16]` each.
public struct ActivationSite {
    /// Number of the function, see ``KernelSet/activationName(_:)``.
    public let activation: Int
    /// The function's input.
    public let input: UnsafeMutablePointer<Float>
    /// The output after dropout; may be ``input`` where the derivative does not read that.
    public let output: UnsafeMutablePointer<Float>
    /// One bit per element of a row, 1 where kept; nil without dropout.
    public let mask: UnsafePointer<UInt16>?
    /// 1 / (1 − dropout rate).
    public let scale: Float

    public init(
        activation: Int, input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        mask: UnsafePointer<UInt16>?, scale: Float
    ) {
        self.activation = activation
        self.input = input
        self.output = output
        self.mask = mask
        self.scale = scale
    }
}

/// What happens to the numbers of a product in registers, or while they are in a near cache.
public enum Edge {
    case none
    /// The product is the activation's input: compute its output.
    case activate(ActivationSite)
    /// The product is the gradient of the activation's output: make it that of its input.
    case differentiate(ActivationSite)
}

/// The settings of an optimizer; nil means the optimizer's own default.
public struct OptimizerSettings: Sendable, Hashable {
    public var learningRate: Double
    /// Used by SGD and RMSprop.
    public var momentum: Double?
    public var weightDecay: Double?

    public init(learningRate: Double, momentum: Double? = nil, weightDecay: Double? = nil) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

/// Which part of a dropout's random numbers a mask is drawn from.
public struct MaskDraw {
    public let key: SIMD4<UInt32>
    /// Counted over the training; without mini-batches, an epoch is one.
    public let step: UInt32
    /// Number of the dropout in its network.
    public let site: UInt32
    /// How many of the 65,536 values of a draw mean 1.
    public let keep: UInt32
    public let panels: Int
    public let rows: Int
    /// Number of the block's first row in the data.
    public let firstRow: Int

    public init(
        key: SIMD4<UInt32>, step: UInt32, site: UInt32, keep: UInt32, panels: Int, rows: Int,
        firstRow: Int
    ) {
        self.key = key
        self.step = step
        self.site = site
        self.keep = keep
        self.panels = panels
        self.rows = rows
        self.firstRow = firstRow
    }
}

/// The vectorised functions that activations are made of.
public enum MathFunction: Sendable, CaseIterable {
    case exp, tanh, sigmoid, expMinusOne, erf
}
