"""Written by `make stubs` from the engine's own description of its strategies; do not edit."""

from swiftnas.strategy import Strategy

__all__ = [
    "Evolution",
    "RandomSearch",
    "Reinforce",
]

class RandomSearch(Strategy):
    """Independent draws from the space: the baseline of every comparison (Bergstra and Bengio
    2012).

    Parameters
    ----------
    replacement : bool, default False
        Whether an architecture may be drawn again; if not, the search ends with the space.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.RandomSearch() == nas.RandomSearch(**nas.RandomSearch().options)
    True
    """
    def __init__(
        self,
        *,
        replacement: bool = False,
    ) -> None: ...
    @property
    def replacement(self) -> bool: ...

class Evolution(Strategy):
    """Generations with elites, uniform crossover and one mutated key per child (Goldberg 1989; for
    networks, Real et al. 2017).

    Parameters
    ----------
    population_size : int, default 10
        Architectures per generation; an integer in [2, 1000000].
    elite_fraction : float, default 0.5
        Share of a generation that survives, at least one architecture; in (0, 1).
    retrain_elites : bool, default False
        Whether elites are evaluated again in every generation, as in the published script;
        otherwise they keep their value, and children differ from all before them where a few
        tries can make them.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Evolution() == nas.Evolution(**nas.Evolution().options)
    True
    """
    def __init__(
        self,
        *,
        population_size: int = 10,
        elite_fraction: float = 0.5,
        retrain_elites: bool = False,
    ) -> None: ...
    @property
    def population_size(self) -> int: ...
    @property
    def elite_fraction(self) -> float: ...
    @property
    def retrain_elites(self) -> bool: ...

class Reinforce(Strategy):
    """A recurrent controller trained by policy gradients (Williams 1992; Zoph and Le 2017).

    Parameters
    ----------
    learning_rate : float, default 0.01
        Adam's step size for the controller; a finite number > 0.
    hidden_size : int, default 64
        Units of the controller; an integer in [1, 4096].
    batch_size : int, default 1
        Episodes per update of the controller; an integer in [1, 1000000].
    baseline : bool, default True
        Whether a moving average is taken off the reward.
    baseline_decay : float, default 0.9
        Weight of the past in the moving averages; in [0, 1).
    normalize_advantage : bool, default True
        Whether the advantage is divided by the moving average of its size, so that the scale of
        the losses does not matter.
    entropy_weight : float, default 0.01
        Weight of the entropy bonus, which keeps the controller exploring; a finite number ≥ 0.
    feed_previous_choice : bool, default True
        Whether the controller reads its own previous choice; otherwise a zero.
    retrain_repeated : bool, default False
        Whether an architecture that comes up again is evaluated again, as in the published
        script.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Reinforce() == nas.Reinforce(**nas.Reinforce().options)
    True
    """
    def __init__(
        self,
        *,
        learning_rate: float = 0.01,
        hidden_size: int = 64,
        batch_size: int = 1,
        baseline: bool = True,
        baseline_decay: float = 0.9,
        normalize_advantage: bool = True,
        entropy_weight: float = 0.01,
        feed_previous_choice: bool = True,
        retrain_repeated: bool = False,
    ) -> None: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def hidden_size(self) -> int: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def baseline(self) -> bool: ...
    @property
    def baseline_decay(self) -> float: ...
    @property
    def normalize_advantage(self) -> bool: ...
    @property
    def entropy_weight(self) -> float: ...
    @property
    def feed_previous_choice(self) -> bool: ...
    @property
    def retrain_repeated(self) -> bool: ...
