import CPython
import NASEngine

/// `extrapolate`: a validation curve's end.
enum Extrapolation {
    static var methods: [PyMethodDef] {
        [
            method(
                "extrapolate",
                """
                extrapolate(curve, epochs, goal): mean and deviation of the loss after so many epochs, and the \
                probability that it is below the goal; None from fewer than five points (epoch, loss).
                """
            ) { _, arguments in
                guarded { () throws(PythonError) in
                    try Extrapolation.extrapolate(try Arguments(arguments, 3, of: "extrapolate"))
                }
            }
        ]
    }

    private static func extrapolate(_ arguments: Arguments) throws(PythonError) -> PyReference {
        let epochs = try arguments.integer(1, "epochs")
        let goal = try arguments.real(2, "goal")
        guard epochs >= 1 else { throw .value("epochs must be ≥ 1, got \(epochs)") }
        guard !goal.isNaN else { throw .value("goal must be a number, got nan") }
        let points = try elements(arguments[0], "curve") { (_, item) throws(PythonError) in
            try withElements(item, "curve") { (pair) throws(PythonError) in
                guard pair.count == 2 else {
                    throw .value("curve must hold pairs (epoch, loss), got \(pair.count) numbers")
                }
                return (try integer(pair[0], "epoch"), try real(pair[1], "loss"))
            }
        }
        var extrapolation = CurveExtrapolation(horizon: epochs)
        var last = 0
        for (epoch, loss) in points {
            guard epoch > last else {
                throw .value("curve must have rising epochs ≥ 1, got \(epoch) after \(last)")
            }
            guard loss.isFinite else { throw .value("curve must have finite losses, got \(loss)") }
            extrapolation.observe(epoch: epoch, loss: loss)
            last = epoch
        }
        guard let forecast = extrapolation.forecast,
            let probability = extrapolation.probability(below: goal)
        else { return nas_py_none() }
        return try python(
            .list([.real(forecast.mean), .real(forecast.deviation), .real(probability)]))
    }
}
