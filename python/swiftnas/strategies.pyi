"""Written by `make stubs` from the engine's own description of its strategies; do not edit."""

from swiftnas.strategy import Strategy

__all__ = [
    "ASHA",
    "BOHB",
    "NSGA2",
    "PPO",
    "TPE",
    "BayesianOptimization",
    "DifferentialEvolution",
    "Evolution",
    "GridSearch",
    "Hyperband",
    "LocalSearch",
    "PredictorSearch",
    "RandomSearch",
    "RegularizedEvolution",
    "Reinforce",
    "SuccessiveHalving",
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
    >>> strategy = nas.RandomSearch()
    >>> nas.RandomSearch(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        replacement: bool = False,
    ) -> None: ...
    @property
    def replacement(self) -> bool: ...

class GridSearch(Strategy):
    """Every combination of the choices, the last parameter fastest, with ranges cut into even
    steps.

    Parameters
    ----------
    points_per_range : int, default 5
        Values that stand for a range of reals, or one of more integers; an integer in [1,
        1000000].
    shuffle : bool, default False
        Whether the grid is gone through in random order.

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.GridSearch()
    >>> nas.GridSearch(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        points_per_range: int = 5,
        shuffle: bool = False,
    ) -> None: ...
    @property
    def points_per_range(self) -> int: ...
    @property
    def shuffle(self) -> bool: ...

class LocalSearch(Strategy):
    """Hill climbing over single changes, with restarts (White, Nolen and Savani 2021).

    Parameters
    ----------
    initial_samples : int, default 10
        Random candidates of which the best is the start, also after a local optimum; an integer
        in [1, 1000000].
    batch_size : int, default 1
        Neighbours at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.LocalSearch()
    >>> nas.LocalSearch(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        initial_samples: int = 10,
        batch_size: int = 1,
    ) -> None: ...
    @property
    def initial_samples(self) -> int: ...
    @property
    def batch_size(self) -> int: ...

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
    >>> strategy = nas.Evolution()
    >>> nas.Evolution(**strategy.options) == strategy
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

class RegularizedEvolution(Strategy):
    """Aging evolution: the best of a random sample of the youngest is changed in one place (Real
    et al. 2019).

    Parameters
    ----------
    population_size : int, default 20
        Architectures that may have children; an integer in [2, 1000000].
    sample_size : int, default 10
        Architectures of which the best has a child; at most the population; an integer in [1,
        1000000].
    batch_size : int, default 1
        Children at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.RegularizedEvolution()
    >>> nas.RegularizedEvolution(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        population_size: int = 20,
        sample_size: int = 10,
        batch_size: int = 1,
    ) -> None: ...
    @property
    def population_size(self) -> int: ...
    @property
    def sample_size(self) -> int: ...
    @property
    def batch_size(self) -> int: ...

class DifferentialEvolution(Strategy):
    """Differences of candidates added to others, on the scales of the parameters (Storn and Price
    1997; Zhang and Sanderson 2009; Awad, Mallik and Hutter 2020).

    Parameters
    ----------
    population_size : int, default 10
        Vectors that evolve; an integer in [4, 1000000].
    mutation_factor : float, default 0.8
        Factor of the differences; in (0, 2].
    best_share : float, default 0.2
        Share of the population, one vector at least, that a mutant may be drawn towards; in [0,
        1].
    crossover_rate : float, default 0.3
        Share of a mutant's coordinates in a child; in [0, 1].
    batch_size : int, default 1
        Children at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.DifferentialEvolution()
    >>> nas.DifferentialEvolution(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        population_size: int = 10,
        mutation_factor: float = 0.8,
        best_share: float = 0.2,
        crossover_rate: float = 0.3,
        batch_size: int = 1,
    ) -> None: ...
    @property
    def population_size(self) -> int: ...
    @property
    def mutation_factor(self) -> float: ...
    @property
    def best_share(self) -> float: ...
    @property
    def crossover_rate(self) -> float: ...
    @property
    def batch_size(self) -> int: ...

class NSGA2(Strategy):
    """Multi-objective evolution by non-dominated sorting and crowding (Deb et al. 2002).

    Parameters
    ----------
    population_size : int, default 20
        Survivors per generation; an integer in [2, 1000000].
    crossover_probability : float, default 0.9
        Share of children with two parents; in [0, 1].
    mutation_probability : float, default 0.5
        Share of the children of two parents that are changed in one place as well; in [0, 1].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.NSGA2()
    >>> nas.NSGA2(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        population_size: int = 20,
        crossover_probability: float = 0.9,
        mutation_probability: float = 0.5,
    ) -> None: ...
    @property
    def population_size(self) -> int: ...
    @property
    def crossover_probability(self) -> float: ...
    @property
    def mutation_probability(self) -> float: ...

class Reinforce(Strategy):
    """A recurrent controller trained by policy gradients (Williams 1992; Zoph and Le 2017).

    Parameters
    ----------
    learning_rate : float, default 0.003
        Adam's step size for the controller; a finite number > 0.
    hidden_size : int, default 64
        Units of the controller; an integer in [1, 4096].
    batch_size : int, default 1
        Episodes per update of the controller; an integer in [1, 1000000].
    baseline : bool, default True
        Whether a moving average is taken off the reward.
    baseline_decay : float, default 0.9
        Weight of the past in the moving average; in [0, 1).
    rank_reward : bool, default True
        Whether the reward is how many of the last 100 results are worse, so that the scale of
        the losses does not matter; otherwise minus the value, or the sum of several.
    entropy_weight : float, default 0.03
        Weight of the entropy bonus, which keeps the controller exploring; a finite number ≥ 0.
    feed_previous_choice : bool, default True
        Whether the controller reads its own previous choice; otherwise a zero.
    retrain_repeated : bool, default False
        Whether architectures may come up again and are then evaluated again, as in the
        published script; otherwise they are drawn again where a few tries help.

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.Reinforce()
    >>> nas.Reinforce(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        learning_rate: float = 0.003,
        hidden_size: int = 64,
        batch_size: int = 1,
        baseline: bool = True,
        baseline_decay: float = 0.9,
        rank_reward: bool = True,
        entropy_weight: float = 0.03,
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
    def rank_reward(self) -> bool: ...
    @property
    def entropy_weight(self) -> float: ...
    @property
    def feed_previous_choice(self) -> bool: ...
    @property
    def retrain_repeated(self) -> bool: ...

class PPO(Strategy):
    """A recurrent controller trained by clipped policy gradients (Schulman et al. 2017).

    Parameters
    ----------
    learning_rate : float, default 0.02
        Adam's step size for the controller; a finite number > 0.
    hidden_size : int, default 32
        Units of the controller; an integer in [1, 4096].
    batch_size : int, default 10
        Episodes at a time; an integer in [1, 1000000].
    update_steps : int, default 4
        Steps of the controller per batch; an integer in [1, 10000].
    clip_range : float, default 0.2
        Change of a probability beyond which it is not followed further; in (0, 1].
    baseline_decay : float, default 0.9
        Weight of the past in the moving average that is taken off the reward; in [0, 1).
    entropy_weight : float, default 0.03
        Weight of the entropy bonus, which keeps the controller exploring; a finite number ≥ 0.

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.PPO()
    >>> nas.PPO(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        learning_rate: float = 0.02,
        hidden_size: int = 32,
        batch_size: int = 10,
        update_steps: int = 4,
        clip_range: float = 0.2,
        baseline_decay: float = 0.9,
        entropy_weight: float = 0.03,
    ) -> None: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def hidden_size(self) -> int: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def update_steps(self) -> int: ...
    @property
    def clip_range(self) -> float: ...
    @property
    def baseline_decay(self) -> float: ...
    @property
    def entropy_weight(self) -> float: ...

class TPE(Strategy):
    """Tree-structured Parzen estimator, multivariate and aware of conditions (Bergstra et al.
    2011).

    Parameters
    ----------
    initial_samples : int, default 10
        Random candidates at the beginning; an integer in [1, 1000000].
    good_fraction : float, default 0.15
        Share of the candidates that count as good, at most 25 of them; in (0, 1).
    draws : int, default 64
        Draws of which the best is proposed; an integer in [1, 1000000].
    repeat_share : float, default 0.25
        Greatest share of the candidates after the first 50 that are one of the ten best,
        evaluated again, up to four times in all; none where it makes no difference; in [0, 1).
    batch_size : int, default 1
        Architectures at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.TPE()
    >>> nas.TPE(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        initial_samples: int = 10,
        good_fraction: float = 0.15,
        draws: int = 64,
        repeat_share: float = 0.25,
        batch_size: int = 1,
    ) -> None: ...
    @property
    def initial_samples(self) -> int: ...
    @property
    def good_fraction(self) -> float: ...
    @property
    def draws(self) -> int: ...
    @property
    def repeat_share(self) -> float: ...
    @property
    def batch_size(self) -> int: ...

class BayesianOptimization(Strategy):
    """A Gaussian process over encoded architectures and expected improvement (Jones et al. 1998).

    Parameters
    ----------
    initial_samples : int, default 10
        Random candidates at the beginning; an integer in [1, 1000000].
    candidates : int, default 400
        Architectures that the model compares; an integer in [1, 1000000].
    repeat_share : float, default 0.25
        Greatest share of the candidates after the first 50 that are one of the ten best,
        evaluated again, up to four times in all; none where it makes no difference; in [0, 1).
    batch_size : int, default 1
        Architectures at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.BayesianOptimization()
    >>> nas.BayesianOptimization(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        initial_samples: int = 10,
        candidates: int = 400,
        repeat_share: float = 0.25,
        batch_size: int = 1,
    ) -> None: ...
    @property
    def initial_samples(self) -> int: ...
    @property
    def candidates(self) -> int: ...
    @property
    def repeat_share(self) -> float: ...
    @property
    def batch_size(self) -> int: ...

class PredictorSearch(Strategy):
    """An ensemble that predicts values chooses among changes of the best (BANANAS, White et al.
    2021, with trees).

    Parameters
    ----------
    initial_samples : int, default 10
        Random candidates at the beginning; an integer in [1, 1000000].
    trees : int, default 30
        Trees of the forest; an integer in [1, 10000].
    candidates : int, default 200
        Architectures that the forest compares; an integer in [1, 1000000].
    votes : int, default 5
        Trees that judge each candidate; an integer in [1, 1000000].
    repeat_share : float, default 0.25
        Greatest share of the candidates after the first 50 that are one of the ten best,
        evaluated again, up to four times in all; none where it makes no difference; in [0, 1).
    batch_size : int, default 5
        Architectures at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.PredictorSearch()
    >>> nas.PredictorSearch(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        initial_samples: int = 10,
        trees: int = 30,
        candidates: int = 200,
        votes: int = 5,
        repeat_share: float = 0.25,
        batch_size: int = 5,
    ) -> None: ...
    @property
    def initial_samples(self) -> int: ...
    @property
    def trees(self) -> int: ...
    @property
    def candidates(self) -> int: ...
    @property
    def votes(self) -> int: ...
    @property
    def repeat_share(self) -> float: ...
    @property
    def batch_size(self) -> int: ...

class SuccessiveHalving(Strategy):
    """Random candidates of which the best third gets three times the budget, and so on (Jamieson
    and Talwalkar 2016).

    Parameters
    ----------
    min_fidelity : float, default 0.1
        Smallest share of the epochs (or rows) that a candidate is judged by; in (0, 1].
    reduction_factor : int, default 3
        Of so many candidates one gets so many times the budget; an integer in [2, 1000].
    candidates : int, default 27
        Architectures at the beginning of a round; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.SuccessiveHalving()
    >>> nas.SuccessiveHalving(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        min_fidelity: float = 0.1,
        reduction_factor: int = 3,
        candidates: int = 27,
    ) -> None: ...
    @property
    def min_fidelity(self) -> float: ...
    @property
    def reduction_factor(self) -> int: ...
    @property
    def candidates(self) -> int: ...

class Hyperband(Strategy):
    """Successive halving from many candidates with little budget to few with all of it (Li et al.
    2018).

    Parameters
    ----------
    min_fidelity : float, default 0.1
        Smallest share of the epochs (or rows) that a candidate is judged by; in (0, 1].
    reduction_factor : int, default 3
        Of so many candidates one gets so many times the budget; an integer in [2, 1000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.Hyperband()
    >>> nas.Hyperband(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        min_fidelity: float = 0.1,
        reduction_factor: int = 3,
    ) -> None: ...
    @property
    def min_fidelity(self) -> float: ...
    @property
    def reduction_factor(self) -> int: ...

class ASHA(Strategy):
    """Successive halving that promotes candidates as soon as they are among the best of their rung
    (Li et al. 2020).

    Parameters
    ----------
    min_fidelity : float, default 0.1
        Smallest share of the epochs (or rows) that a candidate is judged by; in (0, 1].
    reduction_factor : int, default 3
        Of so many candidates one gets so many times the budget; an integer in [2, 1000].
    batch_size : int, default 4
        Architectures at a time; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.ASHA()
    >>> nas.ASHA(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        min_fidelity: float = 0.1,
        reduction_factor: int = 3,
        batch_size: int = 4,
    ) -> None: ...
    @property
    def min_fidelity(self) -> float: ...
    @property
    def reduction_factor(self) -> int: ...
    @property
    def batch_size(self) -> int: ...

class BOHB(Strategy):
    """Hyperband with candidates from a Parzen estimator (Falkner, Klein and Hutter 2018).

    Parameters
    ----------
    min_fidelity : float, default 0.1
        Smallest share of the epochs (or rows) that a candidate is judged by; in (0, 1].
    reduction_factor : int, default 3
        Of so many candidates one gets so many times the budget; an integer in [2, 1000].
    random_fraction : float, default 0.33
        Share of new candidates drawn at random; in [0, 1].
    good_fraction : float, default 0.15
        Share of the candidates that count as good, at most 25 of them; in (0, 1).
    draws : int, default 64
        Draws of which the best is proposed; an integer in [1, 1000000].

    Examples
    --------
    >>> import swiftnas as nas
    >>> strategy = nas.BOHB()
    >>> nas.BOHB(**strategy.options) == strategy
    True
    """
    def __init__(
        self,
        *,
        min_fidelity: float = 0.1,
        reduction_factor: int = 3,
        random_fraction: float = 0.33,
        good_fraction: float = 0.15,
        draws: int = 64,
    ) -> None: ...
    @property
    def min_fidelity(self) -> float: ...
    @property
    def reduction_factor(self) -> int: ...
    @property
    def random_fraction(self) -> float: ...
    @property
    def good_fraction(self) -> float: ...
    @property
    def draws(self) -> int: ...
