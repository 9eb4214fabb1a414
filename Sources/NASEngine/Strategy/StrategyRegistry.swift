/// Every strategy; a new one is its file and a line here.
public enum StrategyRegistry {
    public static let all: [any Strategy.Type] = [
        RandomSearch.self,
        GridSearch.self,
        LocalSearch.self,
        Evolution.self,
        RegularizedEvolution.self,
        DifferentialEvolution.self,
        NSGA2.self,
        Reinforce.self,
        PPO.self,
        TPE.self,
        BayesianOptimization.self,
        PredictorSearch.self,
        SuccessiveHalving.self,
        Hyperband.self,
        ASHA.self,
        BOHB.self,
    ]

    static func strategy(named name: String) throws(EngineError) -> any Strategy.Type {
        guard let strategy = all.first(where: { $0.name == name }) else {
            let known = all.map { "'\($0.name)'" }.joined(separator: ", ")
            throw .invalidArgument("strategy must be one of \(known), got '\(name)'")
        }
        return strategy
    }
}
