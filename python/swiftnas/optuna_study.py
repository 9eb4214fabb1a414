"""A search as an Optuna study, for its plots, its importances and optuna-dashboard."""

from __future__ import annotations

import math
import warnings
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas._json import json_data
from swiftnas.conditional import Conditional
from swiftnas.parameters import Categorical, Float, Integer, Parameter
from swiftnas.trial import FACTS, highest_fidelity

if TYPE_CHECKING:
    import optuna

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: The attribute in which Optuna's samplers and plots look for violations.
_CONSTRAINTS = "constraints"


def study(result: SearchResult, storage: Any, name: str | None) -> optuna.Study:
    """See `SearchResult.to_optuna`."""
    try:
        import optuna
    except ImportError:
        raise ImportError(
            "to_optuna needs Optuna; install it with: pip install 'swiftnas[optuna]'"
        ) from None
    # All trials are made before the study, so that an error leaves no half of one behind.
    reached = highest_fidelity(trial for trial in result.trials if trial.succeeded)
    took = sum(trial.wall_seconds for trial in result.trials)
    clock = datetime.now() - timedelta(seconds=took)
    trials = []
    for trial in result.trials:
        end = clock + timedelta(seconds=trial.wall_seconds)
        trials.append(_frozen(trial, result, reached, clock, end))
        clock = end
    made = optuna.create_study(
        storage=storage, study_name=name, directions=["minimize"] * len(result.objectives)
    )
    with warnings.catch_warnings():
        # The names are a nicety that a later Optuna may drop or rename.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        made.set_metric_names(list(result.objectives))
    made.set_user_attr("strategy", repr(result.strategy))
    made.set_user_attr("seed", result.seed)
    made.set_user_attr("stop_reason", result.stop_reason)
    made.add_trials(trials)
    return made


def _frozen(
    trial: Trial, result: SearchResult, reached: float, start: datetime, end: datetime
) -> optuna.trial.FrozenTrial:
    """One trial in Optuna's terms."""
    from optuna.trial import FrozenTrial, TrialState

    has_values = all(map(math.isfinite, trial.values))
    state, values = TrialState.FAIL, None
    if has_values and len(result.objectives) == 1 and trial.fidelity < reached:
        state, values = TrialState.PRUNED, list(trial.values)
    elif has_values:
        state, values = TrialState.COMPLETE, list(trial.values)
    intermediate = dict(trial.validation_losses) if len(result.objectives) == 1 else {}
    if state == TrialState.PRUNED and trial.epochs:
        intermediate |= {trial.epochs: trial.value}
    attributes = {name: getattr(trial, name) for name in (*FACTS, "measures")}
    parameters = {name: _plain(result.space[name]) for name in trial.architecture}
    return FrozenTrial(
        number=trial.number,
        state=state,
        value=None,
        values=values,
        datetime_start=start,
        datetime_complete=end,
        params={
            name: _choice(parameters[name], value) for name, value in trial.architecture.items()
        },
        distributions={name: _distribution(parameter) for name, parameter in parameters.items()},
        user_attrs={k: json_data(v) for k, v in attributes.items() if v not in (None, {})},
        system_attrs={_CONSTRAINTS: [trial.violation]},
        intermediate_values={step: loss for step, loss in intermediate.items() if loss == loss},
        trial_id=trial.number,
    )


def _plain(parameter: Parameter) -> Parameter:
    return parameter.parameter if isinstance(parameter, Conditional) else parameter


def _distribution(parameter: Parameter) -> Any:
    """What Optuna calls the domain of a parameter."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(parameter, Integer):
        return IntDistribution(parameter.low, parameter.high, log=parameter.log)
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
    assert isinstance(parameter, Categorical)
    return CategoricalDistribution([_choice(parameter, choice) for choice in parameter.choices])


def _choice(parameter: Parameter, value: Any) -> Any:
    """A choice in the types that Optuna stores: any other object as its `repr`."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(parameter, Categorical):
        is_known = value is None or isinstance(value, bool | int | float | str)
        return value if is_known else repr(value)
    return float(value) if isinstance(parameter, Float) else int(value)
