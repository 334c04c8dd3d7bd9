"""The facade: a network, its rules and an engine, and the verbs one asks them with.

Only verbs stand here; the work is done in the floors below. A `Reasoner` never changes: every answer
depends on the network, the rules and the case alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massage_pain.advice.partitions import is_partitioned, over_partitions
from massage_pain.advice.rule_reader import rules_beside
from massage_pain.advice.rules import Rules
from massage_pain.errors import (
    EvidenceError,
    InvalidNetworkError,
    QueryError,
    UnsupportedModelError,
    printable,
    shown,
    unknown_name,
)
from massage_pain.inference.compiled import CompiledNetwork
from massage_pain.inference.propagation import Engine
from massage_pain.knowledge.catalogue import folder_of, networks
from massage_pain.knowledge.files import read_network
from massage_pain.knowledge.network import Network
from massage_pain.knowledge.text_file import as_path

if TYPE_CHECKING:
    import pandas

    from massage_pain.advice.assessment import Assessment
    from massage_pain.advice.assessor import Assessor
    from massage_pain.advice.screener import Screener
    from massage_pain.advice.screening import Screening
    from massage_pain.reasoning.calibration import Calibration
    from massage_pain.reasoning.conflict import Conflict
    from massage_pain.reasoning.counterfactual import WouldHave
    from massage_pain.reasoning.drawing import Drawing
    from massage_pain.reasoning.explanation import Explanation
    from massage_pain.reasoning.interview import Interview
    from massage_pain.reasoning.monitor import Monitor
    from massage_pain.reasoning.most_probable import MostProbable
    from massage_pain.reasoning.questions import Questions
    from massage_pain.reasoning.sensitivity import Sensitivity
    from massage_pain.reasoning.uncertainty import Intervals
    from massage_pain.reasoning.what_if import WhatIf

ENGINES: tuple[str, ...] = ("numpy", "pgmpy")
"""The engines that can answer; "pgmpy" is slow and there to compare with."""


class Reasoner:
    """A network with its rules, ready to be asked.

    `rules` (None: no advice, no urgency) come with a shipped network or from `read_rules`. `causes` says
    which variables of a network that names no causes are meant: their names, or a mapping of name to the
    state that counts as present. `engine` is "numpy" or "pgmpy".

    Raises `UnsupportedModelError` for what is no `Network`, `InvalidNetworkError` for rules that were read
    for another one, `UnknownVariableError` and
    `UnknownStateError` for wrong causes, `QueryError` for an unknown engine, and `ComplexityError` for a
    network that is too large for an exact answer.
    """

    def __init__(
        self,
        network: Network,
        *,
        rules: Rules | None = None,
        causes: Mapping[str, str] | Iterable[str] | None = None,
        engine: str = "numpy",
    ) -> None:
        if not isinstance(network, Network):
            raise UnsupportedModelError(
                "A Reasoner is made from a Network (read_network(path), Network.from_pgmpy(model)), "
                f"got {type(network).__name__} {shown(network)}."
            )
        if rules is not None and not isinstance(rules, Rules):
            raise UnsupportedModelError(
                f"rules must be Rules (see read_rules) or None, got {type(rules).__name__} {shown(rules)}."
            )
        self._network = network if causes is None else network.with_causes(causes)
        if rules is not None:
            rules.check(self._network)
        self._rules = rules
        self._engine = _engine(self._network, engine)

    @classmethod
    def from_pgmpy(
        cls,
        model: object,
        *,
        causes: Mapping[str, str] | Iterable[str] | None = None,
        engine: str = "numpy",
    ) -> Reasoner:
        """A reasoner over any discrete pgmpy network; `causes` as for `Reasoner`.

        Raises `UnsupportedModelError`, `InvalidNetworkError` and what `Reasoner` raises.
        """
        return cls(Network.from_pgmpy(model), causes=causes, engine=engine)

    @property
    def network(self) -> Network:
        """What is known."""
        return self._network

    @property
    def rules(self) -> Rules | None:
        """What to do about it; None where the network brings no rules."""
        return self._rules

    @property
    def engine(self) -> Engine:
        """What computes the posteriors."""
        return self._engine

    def assess(self, case: Mapping[str, Any] | None = None, *, intervals: bool = False) -> Assessment:
        """What could be causing the pain in one case, how urgent it is, what to do.

        A `Case` or a plain mapping; None for no findings. The complaint counts as present unless the case
        says otherwise. With `intervals`, the 90% credible range of every chance as well (see `intervals`,
        for other levels, draws and seeds). Raises `EvidenceError`, `UnknownVariableError`,
        `UnknownStateError`, `ConflictingEvidenceError` for a wrong finding and `ImpossibleEvidenceError` for
        findings that cannot occur together.
        """
        seen = self._assessor.assess(_one_case(case))
        if not intervals:
            return seen
        from massage_pain.reasoning.uncertainty import likely_ranges

        return replace(seen, ranges=likely_ranges(self._assessor, _one_case(case)))

    def screen(self, case: Mapping[str, Any] | None = None) -> Screening:
        """Before a massage: what is likely to go wrong, what speaks against it, what to change.

        The complaint is left open. Raises what `assess` raises.
        """
        return self._screener.screen(_one_case(case))

    def posteriors(self, frame: Any) -> pandas.DataFrame:
        """P(cause | case) for a DataFrame of cases: the same index out, a column a cause.

        One row a case, one column a variable, missing = not asked. A row that is refused or impossible is
        NaN; a `RefusedRowsWarning` says how many and why, and `.attrs["errors"]` maps the index label to
        the sentence. Raises `EvidenceError` for what is no DataFrame, `UnknownVariableError` and
        `ConflictingEvidenceError` for a wrong column.
        """
        if is_partitioned(frame):
            answers: pandas.DataFrame = over_partitions(self.posteriors, frame)
            return answers
        from massage_pain.advice.answer_table import posterior_table

        return posterior_table(self._assessor, frame)

    def assess_many(self, frame: Any) -> pandas.DataFrame:
        """An assessment for every row of a DataFrame: the same index out.

        A column a cause, then top_cause, urgency, red_flags (ids joined with ";"), provisional,
        none_of_these and error; a row that is refused or impossible costs only itself. A Dask DataFrame gives
        a Dask DataFrame, computed where its partitions lie. Raises what `posteriors` raises.
        """
        if is_partitioned(frame):
            answers: pandas.DataFrame = over_partitions(self.assess_many, frame)
            return answers
        from massage_pain.advice.answer_table import assessment_table

        return assessment_table(self._assessor, frame)

    def explain(
        self,
        case: Mapping[str, Any] | None = None,
        cause: str | None = None,
        *,
        pairs: int = 200,
        seed: int = 0,
    ) -> Explanation:
        """What each finding adds to the log-odds of a cause (bits), for and against, and what would flip it.

        The likeliest cause where none is named. See `reasoning.explanation.explain`.
        """
        from massage_pain.reasoning.explanation import explain

        return explain(self._assessor, _one_case(case), cause, pairs=pairs, seed=seed)

    def ask(
        self, case: Mapping[str, Any] | None = None, top: int = 5, *, draws: int = 400, seed: int = 0
    ) -> Questions:
        """What to ask next, safety first; `.done` and `.why`. See `reasoning.questions.ask`."""
        from massage_pain.reasoning.questions import ask

        return ask(self._assessor, _one_case(case), top=top, draws=draws, seed=seed)

    def interview(
        self,
        case: Mapping[str, Any] | None = None,
        *,
        record: Mapping[str, Any] | None = None,
        draws: int = 400,
        seed: int = 0,
    ) -> Interview:
        """One question after the other, or the interview of a `record`. See `reasoning.interview`."""
        from massage_pain.reasoning.interview import interview, replay

        if record is not None:
            return replay(self._assessor, record)
        return interview(self._assessor, _one_case(case), draws=draws, seed=seed)

    def monitor(
        self, case: Mapping[str, Any] | None = None, *, record: Mapping[str, Any] | None = None
    ) -> Monitor:
        """Watch over a massage: when to go on, ease off or stop; or the session of a `record`.

        See `reasoning.monitor`.
        """
        from massage_pain.reasoning.monitor import monitor, replay

        return monitor(self._assessor, _one_case(case)) if record is None else replay(self._assessor, record)

    def conflict(
        self, case: Mapping[str, Any] | None = None, *, draws: int = 1000, seed: int = 0
    ) -> Conflict:
        """Whether the findings fit together, and which do not. See `reasoning.conflict.conflict`."""
        from massage_pain.reasoning.conflict import conflict

        return conflict(self._assessor, _one_case(case), draws=draws, seed=seed)

    def what_if(
        self,
        case: Mapping[str, Any] | None = None,
        *,
        do: Mapping[str, Any] | None = None,
        assume: Mapping[str, Any] | None = None,
        level: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> WhatIf:
        """Next time: chances before and after setting variables (`do`), and which single change helps most.

        `assume` conditions instead. See `reasoning.what_if.what_if`.
        """
        from massage_pain.reasoning.what_if import what_if

        found = _one_case(case)
        return what_if(self._assessor, found, do=do, assume=assume, level=level, draws=draws, seed=seed)

    def would_have(
        self,
        case: Mapping[str, Any] | None = None,
        *,
        do: Mapping[str, Any],
        outcome: str | Mapping[str, Any] | None = None,
    ) -> WouldHave:
        """This time: would it have happened anyway? See `reasoning.counterfactual.would_have`."""
        from massage_pain.reasoning.counterfactual import would_have

        return would_have(self._assessor, _one_case(case), do=do, outcome=outcome)

    def sensitivity(self, case: Mapping[str, Any] | None = None, cause: str | None = None) -> Sensitivity:
        """How the chance of a cause depends on each number of the network; the likeliest if none is named.

        See `reasoning.sensitivity.sensitivity`.
        """
        from massage_pain.reasoning.sensitivity import sensitivity

        return sensitivity(self._assessor, _one_case(case), cause)

    def intervals(
        self,
        case: Mapping[str, Any] | None = None,
        *,
        level: float = 0.9,
        draws: int = 1000,
        seed: int = 0,
        cause: str | None = None,
    ) -> Intervals:
        """How sure the chances are: credible intervals, and what to study next.

        See `reasoning.uncertainty.intervals`.
        """
        from massage_pain.reasoning.uncertainty import intervals

        found = _one_case(case)
        return intervals(self._assessor, found, level=level, draws=draws, seed=seed, cause=cause)

    def most_probable(self, case: Mapping[str, Any] | None = None, top: int = 5) -> MostProbable:
        """The likeliest joint states of the causes, and the likeliest story of everything not said.

        See `reasoning.most_probable.most_probable`.
        """
        from massage_pain.reasoning.most_probable import most_probable

        return most_probable(self._assessor, _one_case(case), top=top)

    def simulate(self, n: int, seed: int = 0) -> pandas.DataFrame:
        """`n` complete cases drawn from the network. See `reasoning.simulation.simulate`."""
        from massage_pain.reasoning.simulation import simulate

        return simulate(self._network, n, seed)

    def draw(self, case: Mapping[str, Any] | None = None, cause: str | None = None) -> Drawing:
        """The network drawn, with the case in it and one cause in focus. See `reasoning.drawing`."""
        from massage_pain.advice.assessor import Assessor
        from massage_pain.reasoning.drawing import draw

        # a picture needs no causes
        assessor = self._assessor if self._network.causes else Assessor(self._engine, None)
        return draw(assessor, _one_case(case), cause)

    def calibration(self, frame: Any, cause: str | None = None, *, bins: int = 10) -> Calibration:
        """Whether chances come true in a table of known cases. See `reasoning.calibration.calibration`."""
        from massage_pain.reasoning.calibration import calibration

        return calibration(self._assessor, frame, cause, bins=bins)

    def __repr__(self) -> str:
        rules = "no rules" if self._rules is None else repr(self._rules).strip("<>")
        return f"<Reasoner: {repr(self._network).strip('<>')}; {rules}>"

    def __copy__(self) -> Reasoner:
        return self

    def __deepcopy__(self, memo: object) -> Reasoner:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (self._sent,)

    @cached_property
    def _sent(self) -> bytes:
        """Network, rules and engine as they go to another process, which compiles them for itself."""
        import pickle
        import zlib

        engine = "numpy" if isinstance(self._engine, CompiledNetwork) else "pgmpy"
        return zlib.compress(pickle.dumps((self._network, self._rules, engine), protocol=5))

    @cached_property
    def _assessor(self) -> Assessor:
        if not self._network.causes:
            names = [printable(each.id) for each in self._network.nodes][:2]
            raise InvalidNetworkError(
                f"The network {shown(self._network.name)} does not say which variables are causes. Say so: "
                f'Reasoner(network, causes={{"{names[0]}": "state that counts as present"}}).'
            )
        from massage_pain.advice.assessor import Assessor  # here: a first posterior needs none of it

        return Assessor(self._engine, self._rules)

    @cached_property
    def _screener(self) -> Screener:
        from massage_pain.advice.screener import Screener  # a first assessment needs none of it

        return Screener(self._assessor)


def load(name_or_folder: str | Path = "back_pain") -> Reasoner:
    """The reasoner for a shipped network (`networks()` lists them) or for a folder of one's own.

    A folder holds network.toml and, where there are rules, red_flags.toml and advice.toml. Raises
    `NetworkFileError` (file, line, key).
    """
    if isinstance(name_or_folder, str) and name_or_folder in networks():
        folder = folder_of(name_or_folder)
    else:
        path = as_path(name_or_folder)
        folder = path if path.is_dir() else folder_of(str(name_or_folder))
    network = read_network(folder)
    return Reasoner(network, rules=rules_beside(network, folder))


def _engine(network: Network, engine: str) -> Engine:
    if engine == "numpy":
        return CompiledNetwork(network)
    if engine == "pgmpy":
        from massage_pain.inference.pgmpy_engine import PgmpyEngine

        return PgmpyEngine(network)
    raise QueryError(unknown_name("engine", engine, ENGINES))


@lru_cache(maxsize=8)
def _received(sent: bytes) -> Reasoner:
    """The reasoner that was sent: the same one in a process as often as the same content arrives.

    Only `pickle` calls it, with what it has been given itself.
    """
    import pickle
    import zlib

    network, rules, engine = pickle.loads(zlib.decompress(sent))
    return Reasoner(network, rules=rules, engine=engine)


def _one_case(case: Any) -> Mapping[str, Any]:
    if case is None:
        return {}
    if not isinstance(case, Mapping):
        raise EvidenceError(
            "A case is a Case or a mapping of variable to finding, "
            f"got {type(case).__name__} {shown(case)}. For tables there are posteriors and assess_many."
        )
    return case
