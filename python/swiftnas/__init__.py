"""Neural architecture search in a native engine, for NumPy data.

Describe what may be built with a `SearchSpace`, the data with a `Task`, and `search` with any
strategy; `train` the best architecture; compare with PyTorch by `replay`.

Examples
--------
>>> import numpy as np
>>> import swiftnas as nas
>>> X = np.linspace(-1, 1, 200).reshape(-1, 1)
>>> task = nas.Task.split(X, np.sin(3 * X[:, 0]), validation=0.2, seed=0)
>>> space = nas.SearchSpace({
...     "num_hidden_layers": [1, 2, 3],
...     "hidden_layer_size": [16, 32],
...     "activation_function": ["ReLU", "Tanh"],
...     "learning_rate": [0.1, 0.01, 0.001],
... })
>>> result = nas.search(space, task, strategy=nas.Evolution(population_size=5), trials=15, seed=0)
>>> model = nas.train(result.best.architecture, task, epochs=100, seed=0)
>>> model.predict(X).shape
(200,)
"""

from typing import TYPE_CHECKING

from swiftnas import _native

if TYPE_CHECKING:
    # For editors and type checkers; at run time the names come from `__getattr__`.
    from swiftnas import benchmarks as benchmarks
    from swiftnas import callbacks as callbacks
    from swiftnas import evaluators as evaluators
    from swiftnas import metrics as metrics
    from swiftnas import objectives as objectives
    from swiftnas import proxies as proxies
    from swiftnas import spaces as spaces
    from swiftnas import stopping as stopping
    from swiftnas.architecture import architecture_keys as architecture_keys
    from swiftnas.architecture import cost as cost
    from swiftnas.article import evaluate_architecture as evaluate_architecture
    from swiftnas.article import run_evolutionary_search as run_evolutionary_search
    from swiftnas.article import run_gradient_based_search as run_gradient_based_search
    from swiftnas.article import run_rl_search as run_rl_search
    from swiftnas.ask_tell import AskTell as AskTell
    from swiftnas.ask_tell import Proposal as Proposal
    from swiftnas.batches import batch_order as batch_order
    from swiftnas.config import show_config as show_config
    from swiftnas.differentiable import DARTSResult as DARTSResult
    from swiftnas.differentiable import darts as darts
    from swiftnas.initial_design import cheapest as cheapest
    from swiftnas.latency import measure_latency as measure_latency
    from swiftnas.model import Model as Model
    from swiftnas.model import load as load
    from swiftnas.model import train as train
    from swiftnas.parameters import Categorical as Categorical
    from swiftnas.parameters import Float as Float
    from swiftnas.parameters import Integer as Integer
    from swiftnas.parameters import Ordinal as Ordinal
    from swiftnas.pytorch_replay import ReplayReport as ReplayReport
    from swiftnas.pytorch_replay import replay as replay
    from swiftnas.results import AllTrialsDivergedError as AllTrialsDivergedError
    from swiftnas.results import AllTrialsFailedError as AllTrialsFailedError
    from swiftnas.results import SearchResult as SearchResult
    from swiftnas.search_loop import search as search
    from swiftnas.search_space import SearchSpace as SearchSpace
    from swiftnas.strategies import *  # noqa: F403
    from swiftnas.strategy import Strategy as Strategy
    from swiftnas.task import Task as Task
    from swiftnas.trial import Trial as Trial
    from swiftnas.trial_loop import StopSearch as StopSearch

    __version__: str
else:
    # Modules are loaded when one of their names is first used, so that the package imports in no
    # time. No module may have the name of a function: whoever imports it would hide the function.
    _HOMES = {
        "AllTrialsDivergedError": "results",
        "AllTrialsFailedError": "results",
        "AskTell": "ask_tell",
        "Categorical": "parameters",
        "DARTSResult": "differentiable",
        "Float": "parameters",
        "Integer": "parameters",
        "Model": "model",
        "Ordinal": "parameters",
        "Proposal": "ask_tell",
        "ReplayReport": "pytorch_replay",
        "SearchResult": "results",
        "SearchSpace": "search_space",
        "StopSearch": "trial_loop",
        "Strategy": "strategy",
        "Task": "task",
        "Trial": "trial",
        "architecture_keys": "architecture",
        "batch_order": "batches",
        "cheapest": "initial_design",
        "cost": "architecture",
        "darts": "differentiable",
        "evaluate_architecture": "article",
        "load": "model",
        "measure_latency": "latency",
        "replay": "pytorch_replay",
        "run_evolutionary_search": "article",
        "run_gradient_based_search": "article",
        "run_rl_search": "article",
        "search": "search_loop",
        "show_config": "config",
        "train": "model",
    } | {description["name"]: "strategies" for description in _native.strategies()}
    __all__ = sorted(_HOMES)
    #: Modules that are used under their own names, as in ``nas.spaces.article``.
    _ROOMS = (
        "benchmarks",
        "callbacks",
        "evaluators",
        "metrics",
        "objectives",
        "proxies",
        "spaces",
        "stopping",
    )

    def __getattr__(name):
        """A public name, from the module that defines it."""
        if name == "__version__":
            # Only the installed distribution knows it; a bare source tree has none.
            from importlib.metadata import PackageNotFoundError, version

            try:
                return version("swiftnas")
            except PackageNotFoundError:
                return "unknown"
        from importlib import import_module

        if name in _ROOMS:
            return import_module(f"swiftnas.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"swiftnas.{_HOMES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():
        """The public names, loaded or not."""
        names = [*_ROOMS, *__all__]
        return [*globals(), *(name for name in names if name not in globals()), "__version__"]
