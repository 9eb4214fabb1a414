/// Everything that touches a network's numbers one by one, compiled for one instruction set.
///
/// Matrices of activations and weights are kept in *panels* of 16 columns, `[columns / 16][rows][16]`,
/// for the whole life of a training, so that no product has to rearrange its operands. Columns beyond
/// the matrix fill up the last panel; their weights and gradients are zero and stay zero.
///
/// Contract: pointers are borrowed for the call and do not overlap unless a function says so; panels
/// are aligned to 64 bytes. Nothing here allocates, throws or keeps state. Only pointers, numbers and
/// the plain types of this module cross this door, no SIMD values of more than 128 bits.
public protocol KernelSet: Sendable {
    // MARK: Products

    /// C = A·W + bias, or C += A·W: the forward product, and by the transposed weights the input gradient.
    ///
    /// `edge` is applied to each tile of C while it is in registers or the nearest cache. What an activation there does
    /// not need for its derivative may be left unwritten.
    static func multiply(_ product: Product, edge: Edge)

    /// dW = Aᵀ·dC and db = Σ dC over the rows: the weight gradient.
    static func weightGradient(_ product: WeightGradient)

    /// Floats that ``sumQuarters(_:depth:panels:into:)`` writes; 0 where the products of a layer would not be faster by them.
    ///
    /// - Parameters:
    ///   - rows: of a block.
    ///   - nonzeros: the share of A's numbers, in the forward product or the input gradient, that are not zero.
    static func quarterSumsCount(depth: Int, width: Int, rows: Int, nonzeros: Double) -> Int

    /// The sums of quarters of a layer's weights, `[panels][depth][16]`, with which ``multiply(_:edge:)`` needs fewer
    /// operations, see ``Product/quarterSums``.
    static func sumQuarters(
        _ weights: UnsafePointer<Float>, depth: Int, panels: Int, into sums: UnsafeMutablePointer<Float>)

    // MARK: Products of a layer with one output

    /// y = A·w + bias; `edge` is the activation behind the layer before, if that is done too.
    static func columnForward(_ product: ColumnForward, edge: Edge)

    /// dw = Aᵀ·dy, db = Σ dy, and dA = dy·wᵀ followed by `edge`.
    static func columnBackward(_ product: ColumnBackward, edge: Edge)

    // MARK: Element-wise passes

    /// Activation and dropout over `count` rows of 16 columns.
    static func activate(_ site: ActivationSite, count: Int)

    /// dx = dy · f′ · mask over `count` rows of 16 columns; `dx` may be `dy`.
    static func differentiate(
        _ site: ActivationSite, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
        count: Int, accumulate: Bool)

    /// y = scale·x where `overwrite`, y += scale·x otherwise; `count` is a multiple of 16.
    static func addScaled(
        _ scale: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int,
        overwrite: Bool)

    /// y = Σₖ weightsₖ·inputsₖ over `count` numbers, a multiple of 16, added up in the order of the inputs.
    ///
    /// - Parameter inputCount: at least 1.
    static func weightedSum(
        _ inputs: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, inputCount: Int,
        into y: UnsafeMutablePointer<Float>, count: Int)

    /// dx = scale·dy followed by `edge`, added to what is there where `accumulate`, over some rows of 16 columns;
    /// nowhere if `dx` is nil.
    ///
    /// - Parameters:
    ///   - x: what `scale` multiplied in the forward pass; `dx` is its gradient.
    ///   - rows: counted over all panels; all pointers, the edge's too, are those of row 0.
    /// - Returns: Σ xᵢ·dyᵢ over these rows, their part of the gradient of `scale`, in interleaved sums that are
    ///   added in order.
    static func scaleBackward(
        _ scale: Float, x: UnsafePointer<Float>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>?, rows: Range<Int>, accumulate: Bool, edge: Edge
    ) -> Float

    /// Σ (prediction − target)² in float64, and scale · (prediction − target) into `gradient`.
    static func squaredError(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>?, scale: Float, count: Int
    ) -> Double

    /// Transposes a `rows` × `columns` matrix in panels; the target's columns beyond `rows` become zero.
    static func transpose(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>)

    /// Moves `count` parameters, a multiple of 16, by one step of optimizer number `optimizer`.
    /// - Parameters:
    ///   - moments: ``optimizerMoments(_:_:)`` runs of `stride` floats, zero before the first step.
    ///   - step: 1 for the first.
    static func update(
        _ optimizer: Int, _ settings: OptimizerSettings, _ parameters: UnsafeMutablePointer<Float>,
        _ gradients: UnsafePointer<Float>, moments: UnsafeMutablePointer<Float>, stride: Int,
        count: Int, step: Int)

    /// Evaluates a function of ``MathFunction`` over `count` numbers, a multiple of 16.
    static func evaluate(
        _ function: MathFunction, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        count: Int)

    // MARK: Random numbers

    /// Draws the dropout masks of a block, a bit per element, in the order `[panels][rows]`.
    static func fillMask(_ mask: UnsafeMutablePointer<UInt16>, _ draw: MaskDraw)

    /// Fills `values` with uniform numbers in ±limit, multiples of limit · 2⁻²³; any `count`.
    static func fillUniform(
        _ values: UnsafeMutablePointer<Float>, count: Int, key: SIMD4<UInt32>, limit: Float)

    /// The random block at position `counter` of the stream `key`.
    static func randomBlock(key: SIMD4<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32>

    // MARK: What there is

    /// The name of activation number `index`; nil beyond the last.
    static func activationName(_ index: Int) -> StaticString?

    /// What its derivative is computed from: the function's input if true, its output if false.
    static func derivativeReadsInput(_ index: Int) -> Bool

    /// Whether its output is zero for half of all numbers.
    static func makesZeros(_ index: Int) -> Bool

    /// The name of optimizer number `index`; nil beyond the last.
    static func optimizerName(_ index: Int) -> StaticString?

    /// Moments that it keeps per parameter.
    static func optimizerMoments(_ index: Int, _ settings: OptimizerSettings) -> Int

    /// Runs `repetitions` rounds of multiply-adds in registers; returns their floating-point operations.
    static func peak(repetitions: Int) -> Int

    /// The same for multiply-adds as products do them, of numbers in the first cache.
    ///
    /// - Parameter numbers: 8,192 of them, of which the first are overwritten.
    static func firstCachePeak(_ numbers: UnsafeMutablePointer<Float>, repetitions: Int) -> Int
}
