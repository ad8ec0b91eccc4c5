"""Calibration of the whole model over simulated cases, beside the naive product.

Cases of every built-in shape are drawn in the world as elicited and in three in which the model
is wrong; what the model and the naive product say of their source is measured as forensic
practice asks. The validated range, beyond which a ratio is not reported in digits, comes out of
it too.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from causation.errors import InputError, OutputError
from causation.output import write_whole
from causation.validation.designs import designs
from causation.validation.metrics import Performance, empirical_bounds, performance
from causation.validation.scoring import Scores, score
from causation.validation.worlds import WORLDS

__all__ = ["CalibrationReport", "Reliability", "ValidatedRange", "calibrate", "reliability"]

AS_ELICITED = "as elicited"
MIN_CASES = 100


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often a route was the true one among routes of like posterior probability.

    Parameters
    ----------
    predicted, observed : ndarray, shape (bins,)
        Mean posterior probability, and share that were true.
    low, high : ndarray, shape (bins,)
        Central 99.7 % interval of the share if the posterior is calibrated.
    count : ndarray of int, shape (bins,)
    """

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray

    @property
    def covered(self) -> bool:
        """Whether every observed share lies in its interval."""
        return bool(((self.low <= self.observed) & (self.observed <= self.high)).all())


def reliability(probability: np.ndarray, is_true: np.ndarray, *, bins: int = 10) -> Reliability:
    """Reliability of probabilities in bins of equal width; empty bins are left out.

    Parameters
    ----------
    probability : ndarray, shape (N,)
    is_true : ndarray of bool, shape (N,)
    bins : int
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    used = np.unique(place)
    rows = [place == b for b in used]
    count = np.array([int(r.sum()) for r in rows])
    predicted = np.array([probability[r].mean() for r in rows])
    observed = np.array([is_true[r].mean() for r in rows])
    spread = np.array([np.sqrt((probability[r] * (1.0 - probability[r])).sum()) for r in rows])
    # one case more or less than the normal approximation, which is poor for rare events
    half = (3.0 * spread + 1.0) / count
    return Reliability(predicted, observed, predicted - half, predicted + half, count)


@dataclass(frozen=True, slots=True)
class ValidatedRange:
    """The ratios that simulated cases bear out, as log10.

    Parameters
    ----------
    log10_lr_max : float
        A ratio beyond this, to either side, is reported as "more than" it.
    cases, seed : int
    version : str
    how : str
        The rule, in words.
    """

    log10_lr_max: float
    cases: int
    seed: int
    version: str
    how: str

    def to_yaml(self) -> str:
        """As the file from which an assessment takes its range."""
        import yaml

        text: str = yaml.safe_dump(asdict(self), sort_keys=False, allow_unicode=True)
        return text


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """What came out of a calibration run.

    Parameters
    ----------
    cases : int
        Cases of each world.
    random_seed : int
    scores : dict of str to Scores
        By world.
    model, naive : dict of str to Performance
        By world.
    reliability : dict of str to Reliability
        Of the model's posterior over all routes, by world.
    validated_range : ValidatedRange
    """

    cases: int
    random_seed: int
    scores: Mapping[str, Scores]
    model: Mapping[str, Performance]
    naive: Mapping[str, Performance]
    reliability: Mapping[str, Reliability]
    validated_range: ValidatedRange

    def table(self) -> str:
        """The performance characteristics as a Markdown table."""
        head = (
            "| world | method | Cllr | Cllr_min | Cllr_cal | devPAV | strongly misleading "
            "| Turing | reliability |"
        )
        rows = [head, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
        for world in self.scores:
            for name, result in (("model", self.model[world]), ("naive", self.naive[world])):
                bands = ""
                if name == "model":
                    bands = "in band" if self.reliability[world].covered else "out of band"
                rows.append(
                    f"| {world} | {name} | {result.cllr:.3f} | {result.cllr_min:.3f} "
                    f"| {result.cllr_cal:.3f} | {result.dev_pav:.2f} "
                    f"| {100 * result.misleading_strong:.1f} % "
                    f"| {'kept' if result.turing_worst <= 1.0 else 'broken'} "
                    f"({result.turing_worst:.2f}) | {bands} |"
                )
        return "\n".join(rows) + "\n"

    def summary(self) -> str:
        """The outcome in a few lines."""
        model, naive = self.model[AS_ELICITED], self.naive[AS_ELICITED]
        band = "inside" if self.reliability[AS_ELICITED].covered else "outside"
        return (
            f"{self.cases} cases of each of {len(self.scores)} worlds, seed {self.random_seed}\n"
            f"world as elicited: Cllr {model.cllr:.3f} bits, of which calibration "
            f"{model.cllr_cal:.3f} (naive product {naive.cllr:.3f}, {naive.cllr_cal:.3f}); "
            f"reliability {band} its bands\n"
            f"validated range: likelihood ratios up to 10^{self.validated_range.log10_lr_max:.2f}"
        )

    def to_json(self) -> str:
        """Every number of the table, and the validated range."""
        document = {
            "cases": self.cases,
            "random_seed": self.random_seed,
            "designs": [d.name for d in designs()],
            "worlds": {w: WORLDS[w].meaning for w in self.scores},
            "model": {w: asdict(p) for w, p in self.model.items()},
            "naive": {w: asdict(p) for w, p in self.naive.items()},
            "validated_range": asdict(self.validated_range),
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write table, numbers and pictures into a folder.

        Raises
        ------
        OutputError
            If the folder cannot be made or written.
        """
        from causation.plots import validation as draw
        from causation.plots.style import own_settings

        pictures = {
            "headline.png": draw.plot_headline,
            "tippett.png": draw.plot_tippett,
            "reliability.png": draw.plot_reliability,
            "pav.png": draw.plot_pav,
            "ece.png": draw.plot_cross_entropy,
        }
        files: dict[str, bytes] = {
            "calibration.md": self.table().encode(),
            "calibration.json": self.to_json().encode(),
            "validated_range.yaml": self.validated_range.to_yaml().encode(),
        }
        with own_settings():
            for name, function in pictures.items():
                with io.BytesIO() as stream:
                    draw.save(function(self), stream)
                    files[name] = stream.getvalue()
        _make(folder)
        return [write_whole(folder / name, content) for name, content in files.items()]


def calibrate(
    *,
    cases: int = 2000,
    random_seed: int = 20250723,
    output: Path | None = None,
    progress: Callable[[float], None] | None = None,
    workers: int = 2,
    worlds: tuple[str, ...] = tuple(WORLDS),
) -> CalibrationReport:
    """Validate the model by simulation.

    Parameters
    ----------
    cases : int
        Cases of each world.
    random_seed : int
    output : Path, optional
        Folder for the table (Markdown, JSON) and the pictures.
    progress : callable, optional
        Called with the share done, 0 to 1.
    workers : int
        Processes.
    worlds : tuple of str
        Names in `causation.validation.worlds.WORLDS`, "as elicited" among them.

    Returns
    -------
    CalibrationReport

    Raises
    ------
    InputError
        If there are too few cases, or there is no such world.
    OutputError
        If the folder cannot be written; checked before the run.

    Examples
    --------
    >>> calibrate(cases=3)
    Traceback (most recent call last):
    causation.errors.InputError: calibrate: 3 cases; allowed: at least 100
    """
    if cases < MIN_CASES:
        raise InputError(f"calibrate: {cases} cases; allowed: at least {MIN_CASES}")
    if workers < 1:
        raise InputError(f"calibrate: {workers} workers; allowed: at least 1")
    unknown = [w for w in worlds if w not in WORLDS]
    if unknown or AS_ELICITED not in worlds:
        raise InputError(
            f"calibrate: worlds {', '.join(worlds)}; allowed: {', '.join(WORLDS)}, "
            f"{AS_ELICITED!r} among them"
        )
    if output is not None:
        _make(output)
    scores = score(
        cases, worlds=worlds, random_seed=random_seed, workers=workers, progress=progress
    )
    report = CalibrationReport(
        cases=cases,
        random_seed=random_seed,
        scores=scores,
        model={w: performance(s.log10_lr, s.is_true) for w, s in scores.items()},
        naive={w: performance(s.naive_log10_lr, s.is_true) for w, s in scores.items()},
        reliability={w: _reliability(s) for w, s in scores.items()},
        validated_range=_validated_range(scores[AS_ELICITED], random_seed),
    )
    if output is not None:
        report.write(output)
    return report


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error


def _reliability(scores: Scores) -> Reliability:
    """Over every route of every case."""
    outcome = np.arange(scores.probability.shape[1]) == scores.route[:, None]
    seen = scores.probability > 0.0
    return reliability(scores.probability[seen], outcome[seen])


def _validated_range(scores: Scores, random_seed: int) -> ValidatedRange:
    from causation.version import VERSION

    low, high = empirical_bounds(scores.log10_lr, scores.is_true)
    return ValidatedRange(
        log10_lr_max=round(min(-low, high), 2),
        cases=int(scores.is_true.size),
        seed=random_seed,
        version=VERSION,
        how=(
            "smaller of the empirical upper bound and the inverse of the lower bound (Vergeer et "
            "al. 2016) over simulated cases of the world as elicited"
        ),
    )


def main() -> None:
    """Run a calibration of some worlds, and write the validated range."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="cases of each world")
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("--world", action="append", help="by default all of them")
    parser.add_argument("--range", type=Path, help="file for the validated range (YAML)")
    parser.add_argument("-o", "--output", type=Path, help="folder for table and pictures")
    options = parser.parse_args()
    report = calibrate(
        cases=options.cases,
        random_seed=options.seed,
        output=options.output,
        worlds=tuple(options.world or WORLDS),
    )
    if options.range is not None:
        write_whole(options.range, report.validated_range.to_yaml())
    print(report.summary())  # noqa: T201


if __name__ == "__main__":
    main()
