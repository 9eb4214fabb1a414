"""Zero-cost proxies against PyTorch, rank correlations against brute force, and latency."""

from __future__ import annotations

import itertools
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import proxies, rank_correlation

DATA_PROXIES = ("gradient_norm", "jacobian_covariance", "naswot")


def noisy_task(features: int = 12, targets: int = 1, rows: int = 60) -> nas.Task:
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, features)).astype(np.float32)
    y = np.sin(X[:, :1]) + random.normal(size=(rows, targets)).astype(np.float32)
    return nas.Task(X[10:], y[10:], X[:10], y[:10])


def architecture(layers: int, width: int, activation: str) -> dict[str, object]:
    return {
        "num_hidden_layers": layers,
        "hidden_layer_size": width,
        "activation_function": activation,
        "dropout_rate": 0.5,
    }


# The oracle: each proxy as its authors' code computes it, in float64 from the same float32 weights.


def torch_network(choices: dict[str, object], seed: int, inputs: int, outputs: int):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    import torch_reference

    torch.manual_seed(seed)
    return torch_reference.network(choices, inputs, outputs).double().eval()


def torch_gradient_norm(model, X, y) -> float:
    import torch

    torch.nn.functional.mse_loss(model(X), y).backward()
    return math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters()))


def torch_synflow(model, X, y) -> float:
    import torch

    linear = torch.nn.Sequential(*(layer for layer in model if isinstance(layer, torch.nn.Linear)))
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.abs_()
    linear(torch.ones_like(X[:1])).sum().backward()
    return math.log(sum(float((p * p.grad).detach().abs().sum()) for p in linear.parameters()))


def torch_jacobian_covariance(model, X, y) -> float:
    X = X.clone().requires_grad_()
    model(X).sum().backward()
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(X.grad.numpy()))
    return -float(np.sum(np.log(eigenvalues + 1e-5) + 1 / (eigenvalues + 1e-5)))


def torch_naswot(model, X, y) -> float:
    import torch

    codes = []
    for layer, following in itertools.pairwise(model):
        X = layer(X)
        if isinstance(layer, torch.nn.Linear) and not isinstance(following, torch.nn.Identity):
            codes.append((X > 0).double().detach())
    c = torch.cat(codes, 1)
    kernel = (c @ c.T + (1 - c) @ (1 - c).T).numpy()
    # The one difference from the paper, which is for more units than rows.
    kernel += 1e-5 * c.shape[1] * np.eye(len(c))
    return float(np.linalg.slogdet(kernel)[1])


def torch_parameter_count(model, X, y) -> float:
    return sum(parameter.numel() for parameter in model.parameters())


ORACLES = {
    "gradient_norm": torch_gradient_norm,
    "synflow": torch_synflow,
    "jacobian_covariance": torch_jacobian_covariance,
    "naswot": torch_naswot,
    "parameter_count": torch_parameter_count,
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize(
    ("layers", "width", "activation", "targets"),
    [
        (1, 32, "ReLU", 1),
        (5, 64, "LeakyReLU", 1),
        (2, 37, "Tanh", 3),
        (3, 50, "Sigmoid", 20),
        (4, 40, "GELU", 2),
        (2, 64, "SiLU", 1),
        (2, 33, "ELU", 5),
        (5, 512, "ReLU", 1),
    ],
)
def test_proxies_are_those_of_pytorch(name, layers, width, activation, targets):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    # Fewer rows than features, or the constant 1e5 of each eigenvalue 0 would hide everything else.
    data, rows = noisy_task(targets=targets), 9
    choices = architecture(layers, width, activation)
    for seed in (0, 7):
        model = torch_network(choices, seed, data.input_width, targets)
        X, y = (torch.from_numpy(a[:rows]).double() for a in (data.X_train, data.y_train))
        expected = ORACLES[name](model, X, y)
        ours = proxies.score(choices, data, name, seed=seed, rng="torch", rows=rows)
        # float32 products are good to 1e-6; 1 / (v + 1e-5) of a small eigenvalue enlarges that.
        assert ours == pytest.approx(expected, rel=1e-4 if name == "jacobian_covariance" else 1e-5)


def test_jacobians_of_more_rows_than_features():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    data, choices = noisy_task(features=4), architecture(2, 64, "Tanh")
    model = torch_network(choices, 3, 4, 1)
    X, y = (torch.from_numpy(a).double() for a in (data.X_train, data.y_train))
    # Centred rows of 4 features have 3 dimensions: 47 eigenvalues are 0.
    zeros = 47 * (math.log(1e-5) + 1e5)
    expected = torch_jacobian_covariance(model, X, y) + zeros
    ours = proxies.score(choices, data, "jacobian_covariance", seed=3, rng="torch") + zeros
    # NumPy's own zeros are off by 1e-16, which moves each term by 1e-6.
    assert ours == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", proxies.names())
def test_scores_depend_on_their_arguments_only(name):
    data, choices = noisy_task(), architecture(3, 24, "ReLU")
    scores = {
        rng: proxies.score(choices, data, name, seed=1, rng=rng) for rng in ("default", "torch")
    }
    assert scores["default"] == proxies.score(choices, data, name, seed=1)
    assert (scores["default"] != scores["torch"]) == (name not in ("parameter_count", "flops"))
    fewer = proxies.score(choices, data, name, seed=1, rows=20)
    assert (fewer != scores["default"]) == (name in DATA_PROXIES)


def test_scores_begin_where_trainings_begin():
    """One SGD step of rate 1 moves the weights by the gradient."""
    data = noisy_task()
    choices = architecture(2, 8, "Tanh") | {
        "dropout_rate": 0.0,
        "optimizer": "SGD",
        "initializer": "KaimingNormal",
    }
    small = nas.train(choices | {"learning_rate": 1e-30}, data, epochs=1, seed=5).weights
    large = nas.train(choices | {"learning_rate": 1.0}, data, epochs=1, seed=5).weights
    norm = math.sqrt(sum(float(np.sum((large[key] - small[key]) ** 2.0)) for key in small))
    assert proxies.score(choices, data, "gradient_norm", seed=5) == pytest.approx(norm, rel=1e-4)


def test_depth_does_not_overflow():
    data = noisy_task(features=3)
    for name in ("synflow", "gradient_norm", "jacobian_covariance", "naswot"):
        assert math.isfinite(proxies.score(architecture(40, 512, "ReLU"), data, name))
    # Each layer multiplies the flow by about 512 · 2 / (2 · √512).
    deep = {"num_hidden_layers": 1000, "hidden_layer_size": 64}
    assert proxies.score(deep, data, "synflow") > 1000


def test_one_feature_has_no_covariance_but_a_score(task):
    scores = {
        proxies.score(architecture(2, width, "Tanh"), task, "jacobian_covariance")
        for width in (8, 16)
    }
    assert len(scores) == 1
    assert all(map(math.isfinite, scores))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"proxy": "grasp"}, ValueError, "proxy must be one of 'gradient_norm', .*, got 'grasp'"),
        ({"proxy": 3}, TypeError, "proxy must be a string"),
        ({"rows": 0}, ValueError, r"rows must be an integer in \[1, 1024\], got 0"),
        ({"rows": 1025}, ValueError, r"rows must be an integer in \[1, 1024\], got 1025"),
        ({"seed": -1}, ValueError, "seed must be an integer"),
        ({"rng": "numpy"}, ValueError, "rng must be one of 'default', 'torch', got 'numpy'"),
        ({"task": 3}, TypeError, "task must be a swiftnas.Task"),
        ({"architecture": {"num_hidden_layers": 1}}, ValueError, "must have the key"),
    ],
)
def test_mistakes_in_scores(arguments, error, message):
    given = {"architecture": architecture(1, 4, "ReLU"), "task": noisy_task(), "proxy": "synflow"}
    with pytest.raises(error, match=message):
        proxies.score(**{**given, **arguments})


def test_torch_weights_have_one_initializer():
    choices = architecture(1, 4, "ReLU") | {"initializer": "XavierUniform"}
    with pytest.raises(ValueError, match="initializer must be 'Default'"):
        proxies.score(choices, noisy_task(), "synflow", rng="torch")


def test_too_large_an_architecture_is_an_error():
    huge = {"num_hidden_layers": 1000, "hidden_layer_size": 2**20}
    for name in ("synflow", "gradient_norm", "jacobian_covariance", "naswot"):
        with pytest.raises(MemoryError):
            proxies.score(huge, noisy_task(), name)
    with pytest.raises(MemoryError):
        nas.measure_latency(huge, (2**20, 1))


def test_available_proxies_say_what_they_are():
    described = proxies.available()
    assert [proxy.name for proxy in described] == list(proxies.names())
    assert all(proxy.summary.endswith(".") and proxy.larger_is_better for proxy in described)


# Rank correlations.


def brute_force_kendall(x, y) -> float:
    pairs = list(itertools.combinations(range(len(x)), 2))
    signs = [(np.sign(x[i] - x[j]), np.sign(y[i] - y[j])) for i, j in pairs]
    return float(
        sum(a * b for a, b in signs)
        / math.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))
    )


def brute_force_spearman(x, y) -> float:
    def ranks(values):
        return [
            sum(other < value for other in values) + sum(other == value for other in values) / 2
            for value in values
        ]

    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])


def test_correlations_are_those_of_their_definitions():
    random = np.random.default_rng(1)
    for count in (2, 3, 10, 50):
        x = random.integers(0, 6, count).astype(float)
        y = x + random.integers(0, 4, count)
        if len(set(x)) > 1 and len(set(y)) > 1:
            assert rank_correlation.kendall(x, y) == pytest.approx(brute_force_kendall(x, y))
            assert rank_correlation.spearman(x, y) == pytest.approx(brute_force_spearman(x, y))
    a = np.array([1.0, 2, 3, np.inf, -np.inf])
    assert rank_correlation.spearman(a, a) == pytest.approx(1)
    assert rank_correlation.kendall(a, -a) == pytest.approx(-1)
    assert math.isnan(rank_correlation.spearman(np.ones(4), a[:4]))
    assert math.isnan(rank_correlation.kendall(np.ones(4), a[:4]))


def trial(number: int, value: float, width: int, **fields: object) -> nas.Trial:
    choices = architecture(1, width, "ReLU")
    status = "ok" if math.isfinite(value) else "diverged"
    return nas.Trial(
        number=number, architecture=choices, value=value, status=status, seed=number, **fields
    )


def test_larger_is_better_means_smaller_values():
    results = [trial(i, 10.0 - i, 4 + i) for i in range(5)]
    found = proxies.rank_correlations(results, noisy_task(), proxies=["parameter_count"])
    assert found["parameter_count"].spearman == pytest.approx(1)
    assert found["parameter_count"].kendall == pytest.approx(1)
    flipped = [trial(i, float(i), 4 + i) for i in range(5)]
    found = proxies.rank_correlations(flipped, noisy_task(), proxies=["parameter_count"])
    assert found["parameter_count"].kendall == pytest.approx(-1)


def test_failed_and_cached_trials_are_left_out():
    results = [trial(i, 10.0 - i, 4 + i) for i in range(5)]
    more = [*results, trial(5, math.inf, 50), trial(6, 9.0, 60, cached=True)]
    assert proxies.rank_correlations(more, noisy_task()) == proxies.rank_correlations(
        results, noisy_task()
    )


def test_only_the_highest_fidelity_is_compared():
    results = [trial(i, 10.0 - i, 4 + i) for i in range(5)]
    partial = [trial(5 + i, 20.0 + i, 40 + i, fidelity=1 / 3) for i in range(5)]
    found = proxies.rank_correlations([*partial, *results], noisy_task())
    assert found == proxies.rank_correlations(results, noisy_task())
    found = proxies.rank_correlations([*partial, trial(9, 1.0, 4, cached=True)], noisy_task())
    assert len(found.values) == 5


def test_a_search_s_own_seeds_and_generator_count():
    data = noisy_task()
    space = {"num_hidden_layers": [1, 2, 3], "hidden_layer_size": [8, 16, 32]}
    result = nas.search(
        space, data, strategy=nas.RandomSearch(), trials=6, epochs=2, seed=0, rng="torch"
    )
    found = proxies.rank_correlations(result, data)
    assert [one.proxy for one in found] == list(proxies.names())
    assert len(found) == len(proxies.names())
    for one in found:
        assert one.scores == tuple(
            proxies.score(t.architecture, data, one.proxy, seed=t.seed, rng="torch")
            for t in result.trials
        )
    assert found == proxies.rank_correlations(result.trials, data, rng="torch")
    assert found != proxies.rank_correlations(result.trials, data)
    assert pickle.loads(pickle.dumps(found)) == found
    lines = str(found).splitlines()
    assert lines[0] == "proxy                Spearman's ρ  Kendall's τ  (6 trials)"
    assert lines[2].split() == [
        "synflow",
        f"{found['synflow'].spearman:.3f}",
        f"{found['synflow'].kendall:.3f}",
    ]
    with pytest.raises(KeyError):
        found["grasp"]


@pytest.mark.parametrize(
    ("results", "names", "error", "message"),
    [
        ([trial(0, 1.0, 4)], None, ValueError, "at least 2 evaluated trials .*, got 1"),
        (
            [trial(0, 1.0, 4), trial(1, 2.0, 8, fidelity=0.5)],
            *(None, ValueError, "2 evaluated trials of the highest fidelity .*, got 1"),
        ),
        ([3, 4], None, TypeError, "results must be a SearchResult or trials, got a int"),
        (3, None, TypeError, "results must be a SearchResult or trials, got a int"),
        ([trial(0, 1.0, 4), trial(1, 2.0, 8)], ["x"], ValueError, "proxy must be one of"),
        ([trial(0, 1.0, 4), trial(1, 2.0, 8)], [], ValueError, "proxies must not be empty"),
        ([trial(0, 1.0, 4), trial(1, 2.0, 8)], "synflow", TypeError, "proxies must be a list"),
    ],
)
def test_mistakes_in_correlations(results, names, error, message):
    with pytest.raises(error, match=message):
        proxies.rank_correlations(results, noisy_task(), proxies=names)


# Latency.


def test_latency_is_a_time():
    data, choices = noisy_task(), architecture(2, 16, "ReLU")
    assert 0 < nas.measure_latency(choices, data) < math.inf
    assert 0 < nas.measure_latency(choices, (12, 1), rows=500, repetitions=3) < math.inf


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"task": 12}, TypeError, r"task must be a swiftnas.Task or a pair \(features, targets\)"),
        ({"task": (0, 1)}, ValueError, r"task\[0\] must be an integer ≥ 1, got 0"),
        ({"task": (2**40, 1)}, ValueError, "input_width must be in"),
        ({"rows": 0}, ValueError, "rows must be an integer ≥ 1, got 0"),
        ({"rows": 2**40}, ValueError, "rows must be in"),
        ({"repetitions": 1.5}, TypeError, "repetitions must be an integer ≥ 1, got 1.5"),
        ({"repetitions": 2**62}, ValueError, "repetitions must be in"),
    ],
)
def test_mistakes_in_latency(arguments, error, message):
    given = {"architecture": architecture(1, 4, "ReLU"), "task": (2, 1)}
    with pytest.raises(error, match=message):
        nas.measure_latency(**{**given, **arguments})


def test_the_module_is_loaded_when_it_is_used():
    script = """
import sys
import swiftnas as nas
assert "swiftnas.proxies" not in sys.modules and "proxies" in dir(nas)
print(*nas.proxies.names())
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.split() == list(proxies.names())
