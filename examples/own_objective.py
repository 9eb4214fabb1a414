"""An objective of one's own: a support vector machine of scikit-learn, in several processes.

A search needs no network: any function from choices to numbers will do. Here a strategy sets a
support vector machine for the breast cancer data, with parameters that exist only for some kernels
and a limit on the number of support vectors, which is what a prediction costs. Calls of a
function in Python hold Python's lock, so they run in processes.

Usage: python examples/own_objective.py [--trials 60] [--seed 0] [--processes 2]
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import swiftnas as nas

SPACE = nas.SearchSpace(
    {
        "kernel": ["linear", "rbf", "poly"],
        "C": nas.Float(1e-2, 10, log=True),
        "gamma": nas.Float(1e-4, 1.0, log=True).when(kernel=["rbf", "poly"]),
        "degree": nas.Integer(2, 4).when(kernel="poly"),
    }
)


def evaluate(choices: dict) -> dict[str, float]:
    """The error by cross-validation, and the number of support vectors of a fit to all rows."""
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), SVC(**choices))
    accuracy = cross_val_score(model, X, y, cv=5).mean()
    vectors = model.fit(X, y)[-1].n_support_.sum()
    return {"error": 1 - accuracy, "support_vectors": vectors}


def main() -> None:
    """Search in several processes and print the best settings."""
    parser = argparse.ArgumentParser(description="A search over a model of scikit-learn.")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()

    # Fresh processes: a forked one would inherit threads of the libraries.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, mp_context=fresh) as executor:
        result = nas.search(
            SPACE,
            objective=evaluate,
            objectives=["error"],
            constraints={"support_vectors": 100},
            strategy=nas.TPE(batch_size=2),
            trials=arguments.trials,
            seed=arguments.seed,
            executor=executor,
        )
    allowed = sum(trial.succeeded for trial in result.trials)
    print(f"{len(result.trials)} settings in {result.wall_seconds:.1f} s, {allowed} allowed")
    if allowed:
        vectors = result.best.measures["support_vectors"]
        print(f"error {result.best.value:.4f} with {vectors:.0f} support vectors:")
        for name, value in result.best.architecture.items():
            print(f"  {name} = {value:.4g}" if isinstance(value, float) else f"  {name} = {value}")


if __name__ == "__main__":
    main()
