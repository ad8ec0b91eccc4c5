"""Simulation-based calibration of NUTS.

Small designs have few distinct outcomes; each is sampled once, and every simulated case with that
outcome is ranked among draws picked from the run.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from causation.inference.infer import infer
from causation.model.build import Model
from causation.model.simulation import SimulatedCase, simulate
from causation.output import write_whole
from causation.validation.designs import designs
from causation.validation.sbc import uniformity

__all__ = ["sbc_nuts", "small_designs"]

DRAWS = 100
"""Posterior draws among which a true value is ranked."""


SMALL = {"one victim": 18, "two victims, one perhaps of no series": 19}
"""Built-in designs whose victims can show few outcomes: 8 and 36 where everything is known."""


def small_designs() -> dict[str, Model]:
    """Designs with two fields and one profile item, without findings and security record.

    The first has four sources and one victim attempted; the second has five sources and two victims
    listed because exposed, the second of uncertain linkage.
    """
    return {
        name: model.reduced(
            without_security=[record.id for record in model.security],
            without_findings=list(model.finding_stage),
        )
        for name, model in ((name, designs()[i].model) for name, i in SMALL.items())
    }


def sbc_nuts(
    model: Model, *, cases: int = 300, random_seed: int = 20250723, **options: Any
) -> dict[str, np.ndarray]:
    """Ranks, scaled to [0, 1], of true latents among draws by NUTS.

    Parameters
    ----------
    model : Model
        A design with few outcomes: each takes a run.
    cases : int
        Simulated cases.
    random_seed : int
    **options
        Passed to `causation.inference.mcmc.sample`.

    Returns
    -------
    dict of str to ndarray, shape (cases,)
        By latent: ``u`` and ``c`` of the proposition, ``u`` and ``g`` of the inference source.
    """
    rng = np.random.default_rng(random_seed)
    drawn = [simulate(model, rng=rng) for _ in range(cases)]
    runs: dict[bytes, Any] = {}
    ranks: dict[str, list[float]] = {}
    for case in drawn:
        key = case.model.disclosed.tobytes() + case.model.profile.tobytes()
        if key not in runs:
            found = infer(case.model, engine="mcmc", random_seed=random_seed, **options)
            runs[key] = found.tree["posterior"].to_dataset().stack(all=("chain", "draw"))
        picked = rng.choice(runs[key].sizes["all"], DRAWS, replace=False)
        draws = runs[key].isel(all=picked)
        for name, truth, values in _quantities(case, draws, rng):
            rank = np.count_nonzero(values < truth) + rng.random()
            ranks.setdefault(name, []).append(rank / (DRAWS + 1))
    return {name: np.array(values) for name, values in ranks.items()}


def _quantities(
    case: SimulatedCase, draws: Any, rng: np.random.Generator
) -> list[tuple[str, float, np.ndarray]]:
    """True value and draws of some latents; those of sources that struck not are prior draws."""
    inference = str(draws["inference_source"].to_numpy()[0])
    proposition = case.model.sources[int(np.flatnonzero(case.model.proposition)[0])]
    asked = (
        ("u", proposition, 0, {"source": proposition}),
        ("c", proposition, 0, {"source": proposition, "field": case.model.fields[0]}),
        ("u", inference, 0, {"source": inference}),
        ("g", inference, 0, {"inference_source": inference, "item": case.model.items[0]}),
    )
    found = []
    for name, source, place, coords in asked:
        own = np.ravel(case.latents[name])[place]
        truth = float(own) if case.source == source else float(rng.standard_normal())
        values = draws[name].sel(coords).to_numpy()
        found.append((f"{name} of {source}", truth, values))
    return found


def main() -> None:
    """Run simulation-based calibration of NUTS and write its table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    rows = ["| design | latent | cases | p of uniformity |", "| --- | --- | --- | --- |"]
    for design, model in small_designs().items():
        ranks = sbc_nuts(model, cases=options.cases, random_seed=options.seed)
        rows += [
            f"| {design} | {name} | {len(r)} | {uniformity(r, bins=10):.3f} |"
            for name, r in ranks.items()
        ]
        write_whole(options.output, "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
