import NASKernelInterface

/// This module's side of the door, see ``KernelSet``.
public enum Kernels: KernelSet {
    public static func multiply(_ product: Product, edge: Edge) { multiplyAll(product, edge) }

    public static func weightGradient(_ product: WeightGradient) { weightGradientAll(product) }

    public static func quarterSumsCount(depth: Int, width: Int, rows: Int, nonzeros: Double) -> Int {
        let isFaster =
            rows >= leastRowsOfStrassen && nonzeros > GreatestShare.product && hasQuarters(depth, width)
        return isFaster ? depth * width : 0
    }

    public static func sumQuarters(
        _ weights: UnsafePointer<Float>, depth: Int, panels: Int, into sums: UnsafeMutablePointer<Float>
    ) {
        sumQuartersOf(weights, depth, panels, sums)
    }

    public static func columnForward(_ product: ColumnForward, edge: Edge) {
        columnForwardAll(product, edge)
    }

    public static func columnBackward(_ product: ColumnBackward, edge: Edge) {
        columnBackwardAll(product, edge)
    }

    public static func activate(_ site: ActivationSite, count: Int) { activateRows(site, 0, count) }

    public static func differentiate(
        _ site: ActivationSite, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
        count: Int, accumulate: Bool
    ) {
        differentiateRows(site, 0, count, dy, dx, accumulate)
    }

    public static func addScaled(
        _ scale: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int,
        overwrite: Bool
    ) {
        addScaledAll(scale, x, y, count, overwrite)
    }

    public static func weightedSum(
        _ inputs: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, inputCount: Int,
        into y: UnsafeMutablePointer<Float>, count: Int
    ) {
        weightedSumAll(inputs, weights, inputCount, y, count)
    }

    public static func scaleBackward(
        _ scale: Float, x: UnsafePointer<Float>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>?, rows: Range<Int>, accumulate: Bool, edge: Edge
    ) -> Float {
        withSlope(
            edge,
            ScaleBackward(scale: scale, x: x, dy: dy, dx: dx, rows: rows, accumulate: accumulate))
            ?? 0
    }

    public static func squaredError(
        _ prediction: UnsafePointer<Float>, _ target: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>?, scale: Float, count: Int
    ) -> Double {
        squaredErrorAll(prediction, target, gradient, scale, count)
    }

    public static func transpose(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        transposeAll(source, rows, columns, target)
    }

    public static func update(
        _ optimizer: Int, _ settings: OptimizerSettings, _ parameters: UnsafeMutablePointer<Float>,
        _ gradients: UnsafePointer<Float>, moments: UnsafeMutablePointer<Float>, stride: Int,
        count: Int, step: Int
    ) {
        _ = withOptimizer(
            optimizer,
            OptimizerPass(
                settings: settings, parameters: parameters, gradients: gradients,
                moments: moments, stride: stride, count: count, step: step))
    }

    public static func evaluate(
        _ function: MathFunction, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        evaluateAll(function, x, y, count)
    }

    public static func fillMask(_ mask: UnsafeMutablePointer<UInt16>, _ draw: MaskDraw) {
        fillMaskAll(mask, draw)
    }

    public static func fillUniform(
        _ values: UnsafeMutablePointer<Float>, count: Int, key: SIMD4<UInt32>, limit: Float
    ) {
        fillUniformAll(values, count, key, limit)
    }

    public static func randomBlock(
        key: SIMD4<UInt32>, counter: SIMD4<UInt32>
    ) -> SIMD4<UInt32> {
        let words = Threefry(key: key, first: counter.x, counter.y, counter.z, counter.w).words
        return SIMD4(words.0[0], words.1[0], words.2[0], words.3[0])
    }

    public static func activationName(_ index: Int) -> StaticString? {
        withActivation(index, NameOfActivation())
    }

    public static func derivativeReadsInput(_ index: Int) -> Bool {
        withActivation(index, DerivativeReadsInput()) ?? false
    }

    public static func makesZeros(_ index: Int) -> Bool {
        withActivation(index, IsStep()) ?? false
    }

    public static func optimizerName(_ index: Int) -> StaticString? {
        withOptimizer(index, NameOfOptimizer())
    }

    public static func optimizerMoments(_ index: Int, _ settings: OptimizerSettings) -> Int {
        withOptimizer(index, MomentsOfOptimizer(settings: settings)) ?? 0
    }

    public static func peak(repetitions: Int) -> Int { multiplyAddInRegisters(repetitions) }

    public static func firstCachePeak(_ numbers: UnsafeMutablePointer<Float>, repetitions: Int) -> Int {
        multiplyAddInFirstCache(numbers, repetitions)
    }
}
