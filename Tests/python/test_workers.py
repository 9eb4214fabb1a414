"""One training by several threads: the same bits as by one."""

from __future__ import annotations

import numpy as np
import pytest

import swiftnas as nas

ARCHITECTURE = {
    "num_hidden_layers": 3,
    "hidden_layer_size": 48,
    "activation_function": "GELU",
    "dropout_rate": 0.3,
}


RESIDUAL = ARCHITECTURE | {"hidden_layer_size": [48, 20, 20], "skip_connection": True}


def task_of(rows: int) -> nas.Task:
    X = np.random.default_rng(0).normal(size=(rows, 4)).astype(np.float32)
    return nas.Task.split(X, X[:, 0] * X[:, 1], validation=0.1, seed=0)


@pytest.mark.parametrize("rng", ["default", "torch"])
@pytest.mark.parametrize("rows", [300, 900])
@pytest.mark.parametrize("architecture", [ARCHITECTURE, RESIDUAL], ids=["plain", "residual"])
def test_workers_do_not_change_a_bit(architecture, rows, rng):
    """One block of rows, which has nothing to share, and several."""
    task = task_of(rows)
    alone, *others = (
        nas.train(architecture, task, epochs=30, seed=5, rng=rng, workers=workers)
        for workers in (1, 2, 5)
    )
    for other in others:
        assert other.training_losses == alone.training_losses
        assert other.validation_loss == alone.validation_loss
        for name, weights in alone.weights.items():
            np.testing.assert_array_equal(other.weights[name], weights)


def test_a_search_that_waits_for_single_results_is_the_same():
    """REINFORCE of batch size 1 trains one candidate at a time, here on two threads."""
    space = {"num_hidden_layers": [2, 3], "hidden_layer_size": [64, 96], "dropout_rate": [0.0, 0.2]}
    task = task_of(900)

    def trials(workers):
        strategy = nas.Reinforce(batch_size=1)
        result = nas.search(
            space, task, strategy=strategy, trials=6, epochs=10, seed=1, workers=workers
        )
        return [(trial.architecture, trial.value, trial.training_losses) for trial in result.trials]

    assert trials(2) == trials(1)


def test_evaluate_architecture_uses_its_workers():
    task = task_of(900)
    arrays = (task.X_train, task.y_train, task.X_val, task.y_val)
    assert nas.evaluate_architecture(
        ARCHITECTURE, *arrays, 20, seed=3, workers=2
    ) == nas.evaluate_architecture(ARCHITECTURE, *arrays, 20, seed=3)


def test_workers_must_be_positive():
    with pytest.raises(ValueError, match=r"workers must be an integer ≥ 1, got 0"):
        nas.train(ARCHITECTURE, task_of(20), epochs=1, seed=0, workers=0)
