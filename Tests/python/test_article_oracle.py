"""The three published searches, step by step beside a PyTorch script of their description.

Candidates, seeds and initial weights are ours; losses, updates and selections are PyTorch's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import pytorch_article as script  # noqa: E402

import swiftnas as nas  # noqa: E402
from swiftnas import _native  # noqa: E402
from swiftnas.article import published_evolution, published_reinforce  # noqa: E402

SPACE = {
    "num_hidden_layers": [1, 2, 3, 4, 5],
    "hidden_layer_size": [32, 64],
    "activation_function": ["ReLU", "LeakyReLU", "Tanh"],
    "learning_rate": [0.01, 0.001, 0.0001],
    "optimizer": ["Adam", "SGD", "RMSprop"],
    "dropout_rate": [0.0, 0.2, 0.4, 0.6],
}


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(3)
    X = random.uniform(-2, 2, (100, 1)).astype(np.float32)
    return X, (np.sin(2 * X) + 0.5 * X).astype(np.float32)


def tensors(*arrays):
    return tuple(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays)


def test_reinforce_controller_follows_pytorchs(data):
    """20 episodes: each loss moves our controller and autograd's to the same place."""
    X, y = data
    values = tensors(X[:80], y[:80], X[80:], y[80:])
    strategy = published_reinforce()
    session = nas.AskTell(SPACE, strategy, seed=5)
    controller = script.Controller(SPACE).double()
    names = {
        "rnn.weight_ih": "rnn.weight_ih_l0",
        "rnn.weight_hh": "rnn.weight_hh_l0",
        "rnn.bias_ih": "rnn.bias_ih_l0",
        "rnn.bias_hh": "rnn.bias_hh_l0",
    }

    def ours() -> dict[str, torch.Tensor]:
        tensors = session._native.state()["strategy"]["controller"]
        shapes = {name: p.shape for name, p in controller.named_parameters()}
        return {
            names.get(name, name): torch.tensor(v, dtype=torch.float64).reshape(
                shapes[names.get(name, name)]
            )
            for name, v in tensors.items()
        }

    controller.load_state_dict(ours())
    optimizer = torch.optim.Adam(controller.parameters(), lr=0.01)
    start = ours()
    for _ in range(20):
        (proposal,) = session.ask()
        architecture = proposal.architecture
        choices = [SPACE[key].index(architecture[key]) for key in SPACE]
        loss = script.evaluate_architecture(architecture, values, 10, seed=proposal.seed)
        _, log_probability = controller.log_probability(choices)
        script.reinforce_step(optimizer, log_probability, loss)
        session.tell(proposal, loss)
        # The update happens when the next candidate is asked for.
        peek = nas.AskTell(SPACE, strategy, seed=5)
        peek.__setstate__(session.__getstate__())
        peek.ask()
        after = peek._native.state()["strategy"]["controller"]
        for name, value in after.items():
            theirs = dict(controller.named_parameters())[names.get(name, name)]
            np.testing.assert_allclose(value, theirs.detach().numpy().ravel(), atol=1e-9)
    moved = max(
        float((p.detach() - start[n]).abs().max()) for n, p in controller.named_parameters()
    )
    assert moved > 0.01


def test_reinforce_losses_are_pytorchs(data):
    """Each episode of a whole run, trained again by the script from the trial's seed."""
    X, y = data
    arrays = (X[:80], y[:80], X[80:], y[80:])
    result = nas.search(
        SPACE,
        nas.Task(*arrays),
        strategy=nas.Reinforce(),
        trials=10,
        epochs=10,
        seed=1,
        rng="torch",
    )
    for trial in result.trials:
        loss = script.evaluate_architecture(trial.architecture, tensors(*arrays), 10, trial.seed)
        assert trial.value == pytest.approx(loss, rel=1e-4)


def test_evolution_selects_what_pytorch_selects(data):
    """Per generation: PyTorch's losses of our candidates, and the elites that follow from them."""
    X, y = data
    size = 80
    arrays = (X[:size], y[:size], X[size:], y[size:])
    result = nas.search(
        SPACE,
        nas.Task.split(X, y, validation=0.2, shuffle=False),
        strategy=published_evolution(10),
        trials=50,
        epochs=10,
        seed=2,
        rng="torch",
        workers=2,
    )
    elites: list[dict] = []
    for start in range(0, 50, 10):
        generation = result.trials[start : start + 10]
        population = [trial.architecture for trial in generation]
        if elites:
            assert population[:5] == elites
            for child in population[5:]:
                foreign = [k for k in SPACE if all(child[k] != elite[k] for elite in elites)]
                assert len(foreign) <= 1
        losses = [
            script.evaluate_architecture(trial.architecture, tensors(*arrays), 10, trial.seed)
            for trial in generation
        ]
        np.testing.assert_allclose([trial.value for trial in generation], losses, rtol=1e-4)
        elites = script.select(population, losses)
    best = nas.run_evolutionary_search(X, y, SPACE, seed=2, rng="torch", workers=2)
    assert best == (result.best.architecture, result.best.value)


def test_darts_follows_pytorchs_supernet(data):
    """50 epochs from the script's own initial weights and α: losses and α stay together."""
    X, y = data
    arrays = (X[:80], y[:80], X[80:], y[80:])
    options = {
        "layers": 5,
        "width": 32,
        "epochs": 50,
        "stem": True,
        "skip": False,
        "weight_learning_rate": 0.01,
        "alpha_learning_rate": 0.001,
        "alpha_deviation": 1.0,
        "seed": 7,
        "rng": "torch",
    }
    activations = SPACE["activation_function"]
    dataset = _native.Dataset(*arrays, ("X_train", "y_train", "X_val", "y_val"))
    found = _native.darts(activations, options, dataset, None, None)

    torch.manual_seed(7)
    supernet = script.Supernet(1, 1, 32, 5, activations)
    ours = {
        name: np.frombuffer(values, np.float32).reshape(shape)
        for (name, shape), values in zip(found["parameters"], found["initial_weights"], strict=True)
    }
    # The supernet's parameters come from the same stream: equal without being handed over.
    for name, theirs in supernet.named_parameters():
        expected = theirs.detach().numpy()
        if name == "alphas":
            for cell in range(4):
                np.testing.assert_allclose(ours[f"cells.{cell}.alpha"], expected[cell], rtol=1e-6)
        else:
            np.testing.assert_allclose(ours[name], expected, rtol=2e-7, atol=1e-8)

    steps = list(script.darts_steps(supernet, tensors(*arrays), 50))
    training, validation, alphas = zip(*steps, strict=True)
    np.testing.assert_allclose(found["training_losses"], training, rtol=2e-3)
    np.testing.assert_allclose(found["validation_losses"], validation, rtol=2e-3)
    np.testing.assert_allclose(found["training_losses"][:10], training[:10], rtol=1e-5)
    np.testing.assert_allclose(found["alphas"][-1], alphas[-1][:4].numpy(), atol=1e-4)
    architecture, loss = nas.run_gradient_based_search(SPACE, *arrays, seed=7, rng="torch")
    assert architecture["activation_function"] == activations[int(alphas[-1][0].argmax())]
    assert np.isfinite(loss)
