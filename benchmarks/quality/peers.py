"""Optuna on a table's space: ordered choices are integers, their positions; others are names."""

from __future__ import annotations

import warnings
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution

import swiftnas as nas
from quality.evaluations import Evaluations

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", module="optuna")


def sampler(name: str, seed: int, **options: Any) -> optuna.samplers.BaseSampler:
    """A sampler by the name of its class."""
    made: optuna.samplers.BaseSampler = getattr(optuna.samplers, name)(seed=seed, **options)
    return made


def distributions(space: nas.SearchSpace, ordered: bool = True) -> dict[str, BaseDistribution]:
    """The space as Optuna knows spaces; without order, all are categories."""
    return {
        name: CategoricalDistribution(parameter.choices)
        if not isinstance(parameter, nas.Ordinal)
        else IntDistribution(0, len(parameter.choices) - 1)
        if ordered
        else CategoricalDistribution(range(len(parameter.choices)))
        for name, parameter in space.items()
    }


def architecture(space: nas.SearchSpace, chosen: dict[str, Any]) -> dict[str, Any]:
    """The architecture of what Optuna chose."""
    return {
        name: parameter.choices[int(chosen[name])]
        if isinstance(parameter, nas.Ordinal)
        else chosen[name]
        for name, parameter in space.items()
    }


def optuna_search(
    evaluations: Evaluations, chosen: optuna.samplers.BaseSampler, ordered: bool
) -> None:
    """Ask and tell one objective until the budget is used up."""
    space = evaluations.table.space
    fixed = distributions(space, ordered)
    study = optuna.create_study(sampler=chosen)
    while not evaluations.finished:
        trial = study.ask(fixed)
        study.tell(trial, evaluations.evaluate(architecture(space, trial.params)))
