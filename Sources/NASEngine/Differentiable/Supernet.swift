/// The network that contains every candidate of a DARTS search at once.
///
/// Each cell is a softmax(α)-weighted sum over activation(linear(x)), with a linear layer of its own per
/// activation, and over x itself where skipping is allowed. Between the cells all values have `width`.
struct Supernet: Sendable {
    /// The name of the candidate that leaves a cell out.
    static let skip = "skip"

    let network: Network
    /// Per cell, that is row of α, the names of its candidates in the order of α.
    let candidates: [[String]]

    /// - Parameters:
    ///   - layers: hidden layers of the deepest candidate, at least 1.
    ///   - stem: the article's form, where a plain linear layer stands before `layers` − 1 cells;
    ///     otherwise every hidden layer is a cell.
    ///   - skips: whether a cell may be skipped; never the one that reads the data.
    init(
        layers: Int, width: Int, activations: [String], stem: Bool, skips: Bool, inputWidth: Int,
        outputWidth: Int
    ) throws(EngineError) {
        try require(!activations.isEmpty, "activations must not be empty")
        var network = Network()
        var candidates: [[String]] = []
        var last = try network.add(Input(width: inputWidth))
        // The stem's output is read by the first cell's linear layers alone.
        let pairs =
            stem && !skips && layers > 1
            && InnerLinear.isWorthwhile(inputWidth: inputWidth, width: width)
        if stem {
            let operation: any Operation = pairs ? InnerLinear(width: width) : Linear(width: width)
            last = try network.add(operation, last, name: "stem")
        }
        for cell in 0..<(stem ? layers - 1 : layers) {
            var branches: [Int] = []
            for (index, name) in activations.enumerated() {
                let function = try ActivationRegistry.function(named: name)
                let operation: any Operation =
                    pairs && cell == 0
                    ? OuterLinear(inputWidth: inputWidth, width: width) : Linear(width: width)
                let linear = try network.add(operation, last, name: "cells.\(cell).\(index)")
                branches.append(try network.add(Activation(function), linear))
            }
            let skippable = skips && (stem || cell > 0)
            if skippable { branches.append(last) }
            candidates.append(activations + (skippable ? [Self.skip] : []))
            last = try network.add(MixedSum(), branches, name: "cells.\(cell)")
        }
        try network.add(Linear(width: outputWidth), last, name: "output")
        self.network = network
        self.candidates = candidates
    }
}
