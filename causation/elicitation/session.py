"""An elicitation: a prior set in which experts' answers take the place of numbers, one by one.

What has been answered is in the set at every moment, and nowhere else: an elicitation that is
broken off is a prior set that can be used, and goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from causation.case.ledger import labels
from causation.case.priors import PriorSet, load_prior_set, parse_prior_set
from causation.case.writing import dump_prior_set
from causation.document.checking import IDENTIFIER
from causation.document.forms import Panel
from causation.document.pooling import Pool
from causation.document.reading import read_file, shown_file
from causation.document.stated import Stated, ends
from causation.document.writing import plain
from causation.elicitation.calibration import (
    calibration_score,
    performance_weights,
    where_truths_fell,
)
from causation.elicitation.questions import COLUMNS, Question, Seed, questions, seeds
from causation.errors import InputError
from causation.output import alone, check_writable, is_file, write_whole

_GROUP = {"en": "the group", "zh": "小组"}
_PATIENCE = 60.0
"""Seconds that one session waits until another has written."""


class Session:
    """An elicitation in a file.

    Every change reads the file again and writes it, while no other session on this machine does
    the same: experts who answer at once lose nothing.

    Parameters
    ----------
    path : str or Path
        The prior set that is written; one that was elicited before is gone on with.
    base : str or Path
        The set whose numbers stand until somebody answers; it counts where the file is new.

    Raises
    ------
    CausationError
        If the file is no elicited prior set, breaks the format, or cannot be written.
    """

    def __init__(self, path: str | Path, *, base: str | Path = "neutral") -> None:
        self.path = Path(path)
        self.is_new = not is_file(self.path)
        if self.is_new:
            self.priors = self._started(load_prior_set(base))
        else:
            self._read()
        check_writable(self.path)

    def _read(self) -> None:
        self.priors = parse_prior_set(read_file(self.path), file=shown_file(self.path))
        if self.priors.elicitation is None:
            raise InputError(
                f"{shown_file(self.path)}: is a prior set that was not elicited; name another"
            )

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Yield the set as it stands in the file, to be changed; check the whole and write it.

        What is refused changes nothing.
        """
        check_writable(self.path)
        name, file = self.path.name.encode(), shown_file(self.path)
        busy = InputError(f"{file}: another session is writing it; try again")
        place = self.path.parent / f".causation-{zlib.crc32(name):08x}.lock"
        with alone(place, busy=busy, patience=_PATIENCE):
            if self.path.exists():
                self._read()
            tree: dict[str, Any] = plain(self.priors)
            yield tree
            self.priors = PriorSet.model_validate(tree)
            write_whole(self.path, dump_prior_set(self.priors))

    def _started(self, base: PriorSet) -> PriorSet:
        stem = self.path.stem
        if not re.match(IDENTIFIER, stem):
            raise InputError(
                f"{shown_file(self.path)}: the file's name is the set's id; allowed: a letter, "
                "then letters, digits, _ or - (ASCII), and .yaml"
            )
        title = labels(base.title, base.id)
        tree = plain(base) | {
            "id": stem,
            "title": {"en": f"Elicited: {stem}", "zh": f"经专家判断：{stem}"},
            "note": {
                "en": f"Elicited. What nobody was asked is as in the set {title['en']}.",
                "zh": f"经专家判断得出；未询问的数值同先验集“{title['zh']}”。",
            },
            "elicitation": {"base": base.id, "experts": []},
        }
        return PriorSet.model_validate(tree)

    def save(self) -> Path:
        """Write the set as it stands, with what another session wrote meanwhile."""
        with self._changing():
            return self.path

    @property
    def experts(self) -> tuple[str, ...]:
        """Names of the experts, in the order in which they joined."""
        assert self.priors.elicitation is not None  # noqa: S101 - checked at the start
        return tuple(str(expert.name) for expert in self.priors.elicitation.experts)

    def join(
        self, name: str, *, outcome_unknown: bool, date: str | None = None, note: str | None = None
    ) -> None:
        """Enter an expert, by name or pseudonym; one who is there already goes on.

        Parameters
        ----------
        outcome_unknown : bool
            The expert's statement that the outcome of the case was not known when answering.
        date : str, optional
            A day; today by default.
        """
        row: dict[str, Any] = {"name": name, "date": date or dt.date.today().isoformat()}  # noqa: DTZ011
        row |= {"outcome_unknown": outcome_unknown} | ({"note": note} if note else {})
        with self._changing() as tree:
            experts = tree["elicitation"]["experts"]
            if name not in (other["name"] for other in experts):
                experts.append(row)

    def panels(self) -> Mapping[str, Panel]:
        """Numbers that somebody answered, by path."""
        return {
            path: entry.form
            for path, entry in self.priors.entries().items()
            if isinstance(entry.form, Panel)
        }

    def answered(self, name: str) -> Mapping[str, tuple[float, float]]:
        """Answers of one expert, by path."""
        return {
            path: ends(member.value)
            for path, panel in self.panels().items()
            for member in panel.members
            if member.name == name
        }

    def open(self, name: str, asked: Sequence[Question]) -> tuple[Question, ...]:
        """Questions that an expert has not answered."""
        done = self.answered(name)
        return tuple(q for q in asked if q.path not in done)

    def together(self) -> tuple[Question, ...]:
        """Questions that several experts answered and a group can speak about."""
        several = {path for path, panel in self.panels().items() if len(panel.members) > 1}
        every = questions(self.priors, sources=tuple(COLUMNS))
        return tuple(q for q in every if q.path in several)

    def unsettled(self) -> tuple[Question, ...]:
        """Of those questions the ones of which the group has not spoken."""
        panels = self.panels()
        return tuple(q for q in self.together() if panels[q.path].group is None)

    def answer(
        self,
        name: str,
        path: str,
        value: tuple[float, float],
        *,
        median: float | None = None,
        rationale: str | None = None,
    ) -> None:
        """Enter an answer, in place of an earlier one, and write the file.

        Parameters
        ----------
        value : (lo, hi)
            Central 90 % interval, shares in (0, 1).

        Raises
        ------
        CausationError
            If it is no interval of a share, does not contain its median, or the expert has not
            joined.
        """
        with self._changing() as tree:
            entry, before = self._entry(tree, path)
            rows = [r for r in entry.get("experts", ()) if r["name"] != name]
            entry["experts"] = [*rows, {"name": name, **_row(value, median, rationale)}]
            entry.pop("weights", None)
            _describe(entry, before)

    def agree(
        self,
        path: str,
        value: tuple[float, float],
        *,
        median: float | None = None,
        rationale: str | None = None,
    ) -> None:
        """Enter what the group agreed on: what a rational impartial observer would say.

        Raises
        ------
        CausationError
            If nobody answered this before, or see `answer`.
        """
        with self._changing() as tree:
            if path not in self.panels():
                raise InputError(
                    f"{path}: nobody has answered this; the group comes after its members"
                )
            entry, before = self._entry(tree, path)
            entry["group"] = _row(value, median, rationale)
            _describe(entry, before)

    def pool(self, pool: Pool, *, cooke: bool = False) -> Mapping[str, float] | None:
        """Choose how answers are put together, for all numbers.

        Parameters
        ----------
        pool : {"linear", "log", "quantile"}
        cooke : bool
            Whether experts are weighed by their calibration scores; evenly by default.

        Returns
        -------
        mapping of str to float or None
            The weights by expert, where they are not even.
        """
        with self._changing() as tree:
            weights = None
            if cooke:
                scores = {name: score for name, (score, _) in self.calibrations().items()}
                if lacking := [n for n in self.experts if n not in scores]:
                    raise InputError(
                        f"no calibration of: {', '.join(lacking)}; they answer the seed questions "
                        "first"
                    )
                weights = performance_weights(scores)
            for path in self.panels():
                entry, _ = self._entry(tree, path)
                entry["pool"] = pool
                entry.pop("weights", None)
                if weights is not None:
                    entry["weights"] = _among(weights, [row["name"] for row in entry["experts"]])
        return weights

    def _entry(self, tree: dict[str, Any], path: str) -> tuple[dict[str, Any], Stated]:
        """The entry of a number in the tree, one that experts answer; and what stood there."""
        entries = self.priors.entries()
        if path not in entries:
            raise InputError(f"{path}: no number of the prior set")
        *above, last = path.split(".")
        place = tree
        for step in above:
            place = place[step]
        if "experts" not in place[last]:
            place[last] = {"basis": place[last]["basis"]}
        return place[last], entries[path]

    def seed(self, name: str, id: str, points: tuple[float, float, float]) -> None:
        """Enter an answer to a question whose answer is known.

        Parameters
        ----------
        points : (q05, q50, q95)
            Shares in [0, 1].
        """
        if not 0.0 <= points[0] <= points[1] <= points[2] <= 1.0:
            raise InputError(
                f"{id}: an interval that does not contain its own median, or is no share; found: "
                f"{', '.join(f'{p:g}' for p in points)}; allowed: three shares that do not fall"
            )
        with self._changing() as tree:
            rows = {row["name"]: row for row in tree["elicitation"]["experts"]}
            if name not in rows:
                raise InputError(f"no such expert; allowed: {', '.join(self.experts)}")
            rows[name]["seeds"] = {**rows[name].get("seeds", {}), id: list(points)}

    def open_seeds(self, name: str) -> tuple[Seed, ...]:
        """Seed questions that an expert has not answered."""
        done = self._seeds().get(name, {})
        return tuple(seed for seed in seeds() if seed.id not in done)

    def calibrations(self) -> dict[str, tuple[float, tuple[int, int, int, int]]]:
        """Cooke's score of every expert who answered seed questions, and where truths fell."""
        truths = {seed.id: seed.truth for seed in seeds()}
        counts = {n: where_truths_fell(a, truths) for n, a in self._seeds().items() if a}
        return {name: (calibration_score(found), found) for name, found in counts.items()}

    def _seeds(self) -> dict[str, Mapping[str, tuple[float, float, float]]]:
        assert self.priors.elicitation is not None  # noqa: S101 - checked at the start
        known = {seed.id for seed in seeds()}
        return {
            str(expert.name): {k: v for k, v in expert.seeds.items() if k in known}
            for expert in self.priors.elicitation.experts
        }


def _describe(entry: dict[str, Any], before: Stated) -> None:
    """Basis: who was asked, and which number stood there."""
    names = [row["name"] for row in entry["experts"]]
    if isinstance(before.form, Panel):
        said = labels(before.basis)
        tail = {"en": said["en"].rpartition("; ")[2], "zh": said["zh"].rpartition("；")[2]}
    else:
        shown = ", ".join(f"{end:g}" for end in ends(before))
        tail = {"en": f"before it stood [{shown}]", "zh": f"原为[{shown}]"}
    agreed = {"en": "", "zh": ""}
    if "group" in entry:
        agreed = {"en": f" and agreed on by {_GROUP['en']}", "zh": f"，并由{_GROUP['zh']}共同确定"}
    entry["basis"] = {
        "en": f"elicited from {', '.join(names)}{agreed['en']}; {tail['en']}",
        "zh": f"询问{'、'.join(names)}得出{agreed['zh']}；{tail['zh']}",
    }
    entry["status"] = "judgement"


def _row(value: tuple[float, float], median: float | None, rationale: str | None) -> dict[str, Any]:
    row = {"value": list(value), "median": median, "rationale": rationale or None}
    return {key: x for key, x in row.items() if x is not None}


def _among(weights: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """Weights of those who answered, which add up to 1."""
    total = sum(weights[name] for name in names)
    if total <= 0.0:
        return [1.0 / len(names)] * len(names)
    found = [round(weights[name] / total, 6) for name in names]
    found[0] = round(found[0] + 1.0 - sum(found), 6)
    return found
