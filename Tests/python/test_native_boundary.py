"""The border between Python and the engine: arguments, memory, references, threads, the binary."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from swiftnas import _native

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"num_hidden_layers": 1, "hidden_layer_size": 8, "dropout_rate": 0.2}
NAMES = ("X_train", "y_train", "X_val", "y_val")


def arrays(rows=40):
    X = np.linspace(-1, 1, rows, dtype=np.float32).reshape(-1, 1)
    return X, X**2, X, X**2


def dataset():
    return _native.Dataset(*arrays(), NAMES)


def train(architecture=ARCHITECTURE, data=None, epochs=3, seed=0, rng="counter", weights=None):
    return _native.train(architecture, data or dataset(), epochs, seed, rng, weights, True, None, 1)


def proxy(name="synflow", data=None, seed=0, rng="counter", rows=8):
    return _native.proxy(name, ARCHITECTURE, data or dataset(), seed, rng, rows)


def space():
    return _native.Space([("a", "categorical", (1, 2.5, "x", None, True, (1, "y")), ())], ())


def unasked():
    return _native.Strategy("Evolution", space(), {}, 0, 1)


def asked():
    strategy = unasked()
    strategy.ask(1)
    return strategy


@pytest.mark.parametrize(
    "array",
    [
        np.ones((4, 1), np.float64),
        np.ones((4, 1), np.int32),
        np.ones((4, 4), np.float32)[:, ::2],
        np.ones((4, 4), np.float32).T[1:],
        np.ones((2, 2, 1), np.float32),
        np.float32(1),
        np.ones((4, 1), ">f4"),
        np.ones((4, 1), np.complex64),
        np.array([[None]]),
        [[1.0]],
        None,
        "text",
    ],
)
def test_only_contiguous_float32_is_taken(array):
    with pytest.raises((TypeError, ValueError), match="X_train must"):
        _native.Dataset(array, *arrays()[1:], NAMES)


def test_unaligned_memory_is_refused():
    memory = np.zeros(4 * 40 + 1, np.uint8)[1:].view(np.float32).reshape(40, 1)
    with pytest.raises(TypeError, match="aligned"):
        _native.Dataset(memory, *arrays()[1:], NAMES)


def test_data_is_borrowed_not_copied():
    X, y, X_val, y_val = arrays()
    data = _native.Dataset(X, y, X_val, y_val, NAMES)
    before = train(data=data)[0]["training_losses"]
    X *= 2
    assert train(data=data)[0]["training_losses"] != before
    with pytest.raises(ValueError, match="resize"):
        X.resize((80, 1), refcheck=False)


def test_exports_end_with_the_dataset():
    memory = bytearray(np.ones(40, np.float32).tobytes())
    X = np.frombuffer(memory, np.float32).reshape(40, 1)
    data = _native.Dataset(X, X, X, X, NAMES)
    del X
    with pytest.raises(BufferError):
        memory.extend(b"more")
    del data
    memory.extend(b"more")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: _native.Space(), TypeError, "takes 2"),
        (lambda: _native.Space(parameters=[]), TypeError, "positional"),
        (lambda: _native.Space([], []), ValueError, "at least one parameter"),
        (lambda: _native.Space([("a",)], []), ValueError, "name, kind, values"),
        (
            lambda: _native.Space([(1, "categorical", (1,), ())], ()),
            TypeError,
            "name must be a string",
        ),
        (lambda: _native.Space([("a", "odd", (1, 2, 3), ())], ()), ValueError, "kind must be"),
        (
            lambda: _native.Space([("a", "integer", (2**70, 2**71, False), ())], ()),
            ValueError,
            "64 bits",
        ),
        (
            lambda: _native.Space([("a", "real", (10**400, 1, 0), ())], ()),
            ValueError,
            "fit into a float64",
        ),
        (
            lambda: _native.Space([("a", "categorical", (object(),), ())], ()),
            TypeError,
            "search_space",
        ),
        (
            lambda: _native.Space([("a", "categorical", (1,), [("b",)])], ()),
            ValueError,
            "conditions",
        ),
        (lambda: _native.Space([("a", "categorical", (1,), 5)], ()), TypeError, "conditions must"),
        (lambda: _native.Space([("a", "categorical", (1,), ())], [5]), TypeError, "forbidden must"),
        (
            lambda: _native.Space([("a", "categorical", ("\udc80",), ())], ()),
            UnicodeError,
            "surrogate",
        ),
        (lambda: space().sample(-1, 1), ValueError, "seed must be ≥ 0"),
        (lambda: space().sample(0, -1), ValueError, "count must be ≥ 0"),
        (lambda: space().sample(True, 1), TypeError, "seed must be an integer"),
        (lambda: space().validate({"a": 7}), ValueError, "one of the space's choices"),
        (lambda: _native.Strategy("Evolution", 3, {}, 0, 1), TypeError, "space must be"),
        (lambda: _native.Strategy("Evolution", dataset(), {}, 0, 1), TypeError, "space must be"),
        (lambda: _native.Strategy("None", space(), {}, 0, 1), ValueError, "strategy must be"),
        (lambda: _native.Strategy("Evolution", space(), {1: 2}, 0, 1), TypeError, "keys must be"),
        (lambda: _native.Strategy("Evolution", space(), {}, -1, 1), ValueError, "seed must be"),
        (lambda: _native.Strategy("Evolution", space(), {}, 2**64, 1), ValueError, "64 bits"),
        (lambda: _native.Strategy("Evolution", space(), {}, 0, 0), ValueError, "objectives must"),
        (lambda: asked().tell(0, 1.0, 0.0), TypeError, "values must be a list or tuple, got float"),
        (lambda: asked().tell(0, [1.0, 2.0], 0.0), ValueError, "one per objective, 1, got 2"),
        (lambda: asked().tell(0, [1.0], -1.0), ValueError, "violation must be ≥ 0, got -1"),
        (lambda: asked().learn([({"a": 1}, [1.0], 0.0)]), ValueError, "before the first trial"),
        (lambda: asked().enqueue([{"a": 1}]), ValueError, "before the first trial"),
        (lambda: unasked().learn([1]), TypeError, "trials must be a list or tuple, got int"),
        (lambda: unasked().learn([({}, [1.0])]), ValueError, "trials must hold"),
        (lambda: unasked().learn([({}, [1.0], 0.0)]), ValueError, "architecture must have the key"),
        (lambda: unasked().enqueue([3]), TypeError, "architectures\\[0\\] must be a dict, got int"),
        (lambda: train({**ARCHITECTURE, "dropout_rate": 1.5}), ValueError, r"\[0, 1\), got 1.5"),
        (lambda: train({**ARCHITECTURE, "depth": 1}), ValueError, "no option 'depth'"),
        (lambda: train(3), TypeError, "architecture must be a dict"),
        (lambda: train(epochs=0), ValueError, "epochs must be ≥ 1, got 0"),
        (lambda: train(epochs=2.0), TypeError, "epochs must be an integer"),
        (lambda: train(rng="numpy"), ValueError, "rng must be"),
        (lambda: train(weights=[np.ones(2, np.float32)]), ValueError, "initial_weights must have"),
        (lambda: train(weights=[np.ones(2)]), TypeError, r"initial_weights\[0\]"),
        (lambda: train(weights=3), TypeError, "initial_weights must be a list"),
        (lambda: _native.describe(ARCHITECTURE, 0, 1, 1), ValueError, "input_width"),
        (lambda: _native.describe(ARCHITECTURE, 2**32, 2**32, 1), ValueError, "input_width"),
        (lambda: _native.describe(ARCHITECTURE, 1, 1, 2**80), ValueError, "rows"),
        (lambda: _native.describe(ARCHITECTURE, 1, 1, 2**41), ValueError, "rows"),
        (lambda: _native.Model(ARCHITECTURE, 1, 1, []), ValueError, "weights must have 4"),
        (lambda: train()[1].read(9, np.ones(1, np.float32)), ValueError, "index must be below"),
        (lambda: train()[1].read(0, np.ones(3, np.float32)), ValueError, "shape"),
        (lambda: _native.darts(["Sine"], {}, dataset(), None, None), ValueError, "one of 'ReLU'"),
        (lambda: _native.darts([], {}, dataset(), None, None), ValueError, "must not be empty"),
        (lambda: proxy("grasp"), ValueError, "proxy must be one of 'gradient_norm'"),
        (lambda: proxy(3), TypeError, "proxy must be a string"),
        (lambda: proxy(data=3), TypeError, "dataset must be"),
        (lambda: proxy(seed=-1), ValueError, "seed must be ≥ 0"),
        (lambda: proxy(rng="numpy"), ValueError, "rng must be"),
        (lambda: proxy(rows=0), ValueError, r"rows must be in \[1, 1024\], got 0"),
        (lambda: proxy(rows=2**40), ValueError, r"rows must be in \[1, 1024\]"),
        (lambda: _native.proxies(1), TypeError, "takes 0"),
        (lambda: _native.latency(ARCHITECTURE, 0, 1, 1, 1), ValueError, "input_width must be"),
        (lambda: _native.latency(ARCHITECTURE, 1, 1, 0, 1), ValueError, "rows must be in"),
        (lambda: _native.latency(ARCHITECTURE, 1, 1, 1, 0), ValueError, "repetitions must be in"),
        (lambda: _native.latency(ARCHITECTURE, 2**28, 1, 2**24, 1), MemoryError, "GiB needed"),
        (
            lambda: train({**ARCHITECTURE, "hidden_layer_size": 2**20, "num_hidden_layers": 1000}),
            MemoryError,
            "GiB needed",
        ),
    ],
)
def test_mistakes_are_errors_that_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_largest_sizes_do_not_overflow():
    widest = {"num_hidden_layers": 0, "hidden_layer_size": 1}
    deepest = {"num_hidden_layers": 1000, "hidden_layer_size": 2**20}
    for architecture in (widest, deepest):
        facts = _native.describe(architecture, 2**28, 2**28, 2**40)
        assert facts["bytes"] > 4 * facts["parameters"] > facts["flops"] > 0


def refused(call):
    with pytest.raises((TypeError, ValueError)):
        call()


def test_read_only_output_is_refused():
    out = np.ones((8, 1), np.float32)
    out.flags.writeable = False
    with pytest.raises(TypeError, match="writable"):
        train()[1].read(0, out)


def test_endless_nesting_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nest"):
        _native.Space([("a", "categorical", (endless,), ())], ())


def test_values_come_back_as_they_were():
    (architecture,) = {tuple(a.items()) for a in space().sample(0, 1)}
    assert architecture[0][1] in (1, 2.5, "x", None, True, (1, "y"))
    seen = {repr(a["a"]) for a in space().sample(0, 200)}
    assert seen == {"1", "2.5", "'x'", "None", "True", "(1, 'y')"}


def test_strings_may_hold_any_character():
    text = "a\0b→𝛼"
    (architecture,) = _native.Space([(text, "categorical", (text,), ())], ()).sample(0, 1)
    assert architecture == {text: text}
    with pytest.raises(ValueError, match="got 'Ad"):
        train({**ARCHITECTURE, "optimizer": "Ad\0am"})


def test_types_are_closed():
    for cls in (_native.Space, _native.Strategy, _native.Dataset, _native.Model):
        with pytest.raises(TypeError):
            type("Sub", (cls,), {})
        with pytest.raises(TypeError):
            cls.__new__(cls)
        with pytest.raises(TypeError):
            cls.attribute = 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: space(),
        lambda: space().sample(0, 3),
        lambda: _native.Strategy("Evolution", space(), {"population_size": 3}, 0, 1).ask(3),
        lambda: _native.Strategy("Reinforce", space(), {"hidden_size": 2}, 0, 1).state(),
        lambda: dataset(),
        lambda: train(),
        lambda: train()[1].parameters(),
        lambda: _native.darts(["ReLU"], {"epochs": 1, "layers": 1}, dataset(), None, None),
        lambda: _native.strategies(),
        lambda: _native.proxies(),
        lambda: _native.proxy("synflow", ARCHITECTURE, dataset(), 0, "counter", 8),
        lambda: _native.latency(ARCHITECTURE, 2, 1, 1, 1),
        lambda: refused(lambda: train({**ARCHITECTURE, "dropout_rate": 2})),
        lambda: refused(lambda: _native.Space([("a", "categorical", (object(),), ())], ())),
    ],
)
def test_no_references_leak(call):
    """1,000 calls leave as many blocks of Python memory as 100 do; a leak would be 1,000 more."""
    for _ in range(100):
        call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(1000):
        call()
    gc.collect()
    assert sys.getallocatedblocks() - before < 500


def test_two_threads_train_at_once_and_agree():
    expected = train(epochs=200)[0]["training_losses"]
    results: list[list[float]] = []

    def work():
        for _ in range(5):
            results.append(train(epochs=200)[0]["training_losses"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert all(losses == expected for losses in results)


def test_the_lock_is_released_while_training():
    """Another Python thread counts on while one long call runs."""
    data = _native.Dataset(*arrays(4000), NAMES)
    done = threading.Event()
    big = {"num_hidden_layers": 3, "hidden_layer_size": 128}
    worker = threading.Thread(target=lambda: (train(big, data, epochs=10), done.set()))
    worker.start()
    counted = 0
    while not done.is_set():
        counted += 1
    worker.join()
    assert counted > 1000


def _child(queue):
    queue.put(train(epochs=20)[0]["training_losses"])


def _threads_of_a_child(queue):
    def some():
        return [train(epochs=20)[0]["training_losses"] for _ in range(5000)]

    threads = [threading.Thread(target=some) for _ in range(3)]
    for thread in threads:
        thread.start()
    # The one thread that is the parent's as well.
    queue.put(some()[-1])
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("work", [_child, _threads_of_a_child])
def test_a_forked_child_trains_too(work):
    expected = train(epochs=20)[0]["training_losses"]
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=work, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == expected
    child.join(timeout=60)
    assert child.exitcode == 0


def test_a_forked_child_goes_on_with_a_training_that_had_threads():
    data = _native.Dataset(*arrays(4000), NAMES)
    wide = {"num_hidden_layers": 2, "hidden_layer_size": 64}

    def begun():
        run = _native.Training(wide, data, 20, 0, "counter", None, 1.0, None, None, True)
        run.advance(10, (), None, None, 2)
        return run

    def losses(run):
        return run.advance(20, (), None, None, 2)["training_losses"]

    expected = losses(begun())
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    run = begun()
    child = context.Process(target=lambda: queue.put(losses(run)))
    child.start()
    assert queue.get(timeout=60) == expected
    child.join(timeout=60)
    assert child.exitcode == 0


@pytest.mark.parametrize("value", [np.nan, -1.0, 3.0, 1e30])
def test_class_numbers_that_change_behind_the_engines_back_are_no_crash(value):
    x = np.linspace(-1, 1, 30, dtype=np.float32).reshape(-1, 1)
    y = np.arange(30, dtype=np.float32).reshape(-1, 1) % 3
    data = _native.Dataset(x, y, x, y, NAMES, "cross_entropy", 3)
    y[7] = value
    outcome, _ = train(ARCHITECTURE, data, epochs=2)
    assert outcome["status"] == "diverged"


@pytest.mark.parametrize(
    "kernel", ["peak", "first_cache_peak", "forward", "input_gradient", "weight_gradient"]
)
def test_measure_counts_operations(kernel):
    seconds, operations = _native.measure(kernel, 40, 20, 30, 2)
    assert seconds > 0
    assert operations > 0
    if not kernel.endswith("peak"):
        assert operations == 2 * 40 * 20 * 30 * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("multiply", 1, 1, 1, 1), "kernel must be one of"),
        (("forward", 0, 1, 1, 1), "rows must be in"),
        (("peak", 1, 1, 1, 1 << 62), "repetitions must be in"),
    ],
)
def test_measure_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        _native.measure(*arguments)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("activate", "Tanh"),
        ("differentiate", "GELU"),
        ("mask", ""),
        ("update", "Adam"),
        ("draw", ""),
        ("sum", ""),
        ("sum_backward", "LeakyReLU"),
    ],
)
@pytest.mark.parametrize("dropout", [False, True])
def test_measure_pass_takes_time(kind, name, dropout):
    assert _native.measure_pass(kind, name, dropout, 100, 50) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("multiply", "", False, 1, 1), "kind must be one of"),
        (("activate", "Adam", False, 1, 1), "activation_function must be one of"),
        (("update", "Tanh", False, 1, 1), "optimizer must be one of"),
        (("mask", "", True, 0, 1), "count must be in"),
        (("mask", "", True, 1, 1 << 62), "repetitions must be in"),
    ],
)
def test_measure_pass_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        _native.measure_pass(*arguments)


def test_kernels_share_no_code():
    """No code of one instruction set can stand in for another's.

    Of weak symbols with one name the linker keeps any, say AVX-512 code of the standard library:
    so each weak function must bear its module's name.
    """
    objects = sorted((ROOT / ".build/extension").glob("*/release/NASKernels*.build/*.o"))
    if not objects or not shutil.which("nm"):
        pytest.skip("the objects of the build or nm are not here")
    modules = {path.parent.name.removesuffix(".build") for path in objects}
    assert modules == {"NASKernelsBaseline", "NASKernelsAVX2", "NASKernelsAVX512"}
    functions = 0
    for path in objects:
        module = path.parent.name.removesuffix(".build")
        listing = subprocess.run(["nm", path], check=True, capture_output=True, text=True).stdout
        symbols = [line.split()[1:] for line in listing.splitlines() if len(line.split()) == 3]
        functions += sum(kind in "Tt" for kind, _ in symbols)
        own = f"{len(module)}{module}"
        assert not [name for kind, name in symbols if kind == "W" and own not in name], path
    assert functions > 100


def test_the_binary_stands_alone():
    """No Swift library is needed, no path of the build remains, one symbol is exported."""
    if not shutil.which("readelf"):
        pytest.skip("readelf is not installed")

    def read(*options):
        command = ["readelf", "--wide", *options, _native.__file__]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    dynamic = read("--dynamic")
    needed = {line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(NEEDED)" in line}
    assert not [name for name in needed if "swift" in name.lower() or "python" in name.lower()]
    assert "RPATH" not in dynamic
    assert "RUNPATH" not in dynamic
    exported = [
        fields[7]
        for fields in (line.split() for line in read("--dyn-syms").splitlines())
        if len(fields) == 8 and fields[6] not in ("UND", "Ndx") and fields[4] in ("GLOBAL", "WEAK")
    ]
    assert exported == ["PyInit__native"]
    assert ".symtab" not in read("--sections")
    assert Path(_native.__file__).stat().st_size < 10e6
