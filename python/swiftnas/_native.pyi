# The extension, as the package's own modules see it. Arguments are positional, float32 buffers are
# C-contiguous. Errors are ValueError, TypeError and MemoryError; their one line names the argument.

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

#: A bool, number or string, None, or a tuple of these.
_Value: TypeAlias = Any
#: Name, kind and domain.
_Condition: TypeAlias = tuple[str, str, Sequence[_Value]]
_Parameter: TypeAlias = tuple[str, str, Sequence[_Value], Sequence[_Condition]]
_Array: TypeAlias = npt.NDArray[np.float32]

def build_info() -> dict[str, Any]: ...
def strategies() -> tuple[dict[str, Any], ...]: ...
def darts_options() -> tuple[dict[str, Any], ...]: ...
def architecture_keys() -> tuple[dict[str, Any], ...]: ...
def losses() -> tuple[dict[str, Any], ...]: ...
def batch_order(rows: int, seed: int, epoch: int, /) -> bytes: ...
def describe(
    architecture: Mapping[str, _Value], input_width: int, output_width: int, rows: int, /
) -> dict[str, int]: ...
def train(
    architecture: Mapping[str, _Value],
    dataset: Dataset,
    epochs: int,
    seed: int,
    rng: str,
    initial_weights: Sequence[_Array] | None,
    keep_model: bool,
    cancellation: Cancellation | None,
    threads: int,
    /,
) -> tuple[dict[str, Any], Any]: ...
def proxies() -> tuple[dict[str, Any], ...]: ...
def proxy(
    name: str,
    architecture: Mapping[str, _Value],
    dataset: Dataset,
    seed: int,
    rng: str,
    rows: int,
    /,
) -> float: ...
def latency(
    architecture: Mapping[str, _Value],
    input_width: int,
    output_width: int,
    rows: int,
    repetitions: int,
    /,
) -> float: ...
def extrapolate(
    curve: Sequence[tuple[int, float]], epochs: int, goal: float, /
) -> tuple[float, float, float] | None: ...
def measure(
    kernel: str, rows: int, depth: int, columns: int, repetitions: int, /
) -> tuple[float, float]: ...
def measure_pass(kind: str, name: str, dropout: bool, count: int, repetitions: int, /) -> float: ...
def darts(
    activations: Sequence[str],
    options: Mapping[str, _Value],
    dataset: Dataset,
    initial_weights: Sequence[_Array] | None,
    cancellation: Cancellation | None,
    /,
) -> dict[str, Any]: ...

@final
class Space:
    def __new__(
        cls, parameters: Sequence[_Parameter], forbidden: Sequence[Sequence[_Condition]], /
    ) -> Space: ...
    @property
    def size(self) -> int | None: ...
    def sample(self, seed: int, count: int, /) -> list[dict[str, _Value]]: ...
    def validate(self, architecture: Mapping[str, _Value], /) -> None: ...

@final
class Strategy:
    def __new__(
        cls, name: str, space: Space, options: Mapping[str, _Value], seed: int, objectives: int, /
    ) -> Strategy: ...
    @property
    def exhausted(self) -> bool: ...
    def ask(
        self, limit: int, /
    ) -> list[tuple[int, dict[str, _Value], int, bool, float, int, int]]: ...
    def tell(self, number: int, values: Sequence[float], violation: float, /) -> None: ...
    def learn(
        self, trials: Sequence[tuple[Mapping[str, _Value], Sequence[float], float]], /
    ) -> None: ...
    def enqueue(self, architectures: Sequence[Mapping[str, _Value]], /) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def restore(self, state: Mapping[str, Any], /) -> None: ...

@final
class Cancellation:
    def __new__(cls) -> Cancellation: ...
    @property
    def cancelled(self) -> bool: ...
    def cancel(self) -> None: ...

@final
class Dataset:
    def __new__(
        cls,
        X_train: _Array,
        y_train: _Array,
        X_val: _Array,
        y_val: _Array,
        names: tuple[str, ...],
        loss: str = "mse",
        outputs: int | None = None,
        sample_weight: _Array | None = None,
        /,
    ) -> Dataset: ...
    @property
    def input_width(self) -> int: ...
    @property
    def output_width(self) -> int: ...

@final
class Training:
    def __new__(
        cls,
        architecture: Mapping[str, _Value],
        dataset: Dataset,
        epochs: int,
        seed: int,
        rng: str,
        initial_weights: Sequence[_Array] | None,
        row_fraction: float,
        validate_every: int | None,
        patience: int | None,
        keep_model: bool,
        /,
    ) -> Training: ...
    @property
    def byte_count(self) -> int: ...
    def advance(
        self,
        epochs: int,
        thresholds: Sequence[float],
        forecast: tuple[float, float, int] | None,
        cancellation: Cancellation | None,
        threads: int,
        /,
    ) -> dict[str, Any]: ...
    def pause(self) -> None: ...
    def model(self) -> Model: ...

@final
class Model:
    def __new__(
        cls,
        architecture: Mapping[str, _Value],
        input_width: int,
        output_width: int,
        weights: Sequence[_Array],
        /,
    ) -> Model: ...
    def parameters(self) -> list[tuple[str, tuple[int, ...]]]: ...
    def read(self, index: int, out: _Array, /) -> None: ...
    def predict(self, X: _Array, out: _Array, /) -> None: ...
