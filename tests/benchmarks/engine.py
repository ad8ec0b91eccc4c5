"""What an evaluation costs: ``python -m tests.benchmarks.engine``.

Processor time of one process, so that other programs on the machine hardly count; the machine's
own speed is measured in the same run. ``--peers`` compares with pyAgrum (group ``peers``).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from causation.case import Case, fill, load_case
from causation.evidence.arrays import logistic
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.inference.roles import find_roles
from causation.model.structure import Model, Scenarios, build_model

CASE = "bic-2025-doxxing"
RULE = "findings.no_alternative_route"
LN10 = float(np.log(10.0))
FIELDS = (
    *("account_link", "phone", "real_name", "id_number", "home_address", "email"),
    *("face_photo", "transaction", "social_ties", "birth_date", "sex", "check_in_time"),
)


def cpu(run: Callable[[], object], rounds: int = 5) -> float:
    """Median seconds of the processor, after one round that is not counted."""
    run()
    found = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return statistics.median(found)


def bundled(**changes: Any) -> Model:
    """The Beijing case with other values."""
    return build_model(fill(load_case(CASE).replace(changes) if changes else load_case(CASE)))


def made(victims: list[dict[str, Any]]) -> Model:
    """A case of one custodian and these victims."""
    first = {"id": "p", "plaintiff": True, "disclosed": ["account_link", "phone"],
             "traits": {"anonymous": True}}  # fmt: skip
    tree = {
        "schema": 2, "id": "made", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2024-05-03", "proposition": "shop",
        "sources": {"shop": {"kind": "custodian", "holds": list(FIELDS)}},
        "victims": [first, *victims],
    }  # fmt: skip
    return build_model(fill(Case.model_validate(tree)))


def different(count: int) -> Model:
    """Victims of whom each is another, all of uncertain linkage."""
    rng = np.random.default_rng(count)
    entries = []
    for i in range(count):
        order = rng.permutation(6)
        shown, hidden = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        names = [FIELDS[j] for j in order]
        entries.append({
            "id": f"g{i}", "count": 1 + i % 7, "disclosed": names[:shown],
            "not_disclosed": names[shown : shown + hidden],
            "traits": {"anonymous": bool(rng.random() < 0.6)},
            **({"linkage": round(float(rng.uniform(0.3, 0.95)), 3)} if i % 2 else {}),
        })  # fmt: skip
    return made(entries)


def hotel(count: int) -> Model:
    """As the hotel's case, without a register: further victims listed by any of three fields."""
    held = ["real_name", "id_number", "sex", "birth_date", "home_address", "phone", "check_in_time"]
    custodian = {"kind": "custodian", "holds": held, "one_service": "stay"}
    tree = {
        "schema": 2, "id": "hotel", "jurisdiction": "cn", "standard": "cn-high-probability",
        "proposition": "hotel", "sources": {"hotel": custodian, "vendor": custodian},
        "victims": [
            {"id": "p", "plaintiff": True, "disclosed": ["real_name", "id_number", "phone"]},
            {"id": "g", "count": count, "disclosed": ["real_name", "phone"],
             "known_by": {"published_any": ["id_number", "phone", "check_in_time"]}},
        ],
    }  # fmt: skip
    return build_model(fill(Case.model_validate(tree)))


def every_input_another(model: Model, rows: int, seed: int = 0) -> Scenarios:
    """Rows in which every elicited number is another."""
    base = model.base()
    rng = np.random.default_rng(seed)
    shift = 0.5 * rng.standard_normal((rows, base.center.shape[1])) * (base.sd > 0.0)
    repeat = [np.repeat(x, rows, axis=0) for x in (base.sd, base.present)]
    return Scenarios(base.center + shift, *repeat)


def machine() -> None:
    """Exponentials a second of one core, from cache."""
    x = np.linspace(-2.0, 2.0, 4096)
    out = np.empty_like(x)

    def work() -> None:
        for _ in range(2000):
            np.exp(x, out=out)

    print(f"exponentials a second, one core: {2000 * x.size / cpu(work) / 1e6:.0f} million")


def single() -> None:
    """One assessment's numbers."""
    model = bundled()
    answer = evaluate(model)
    print(f"evidence and posterior, Beijing: {1e3 * cpu(lambda: evaluate(model), 15):.1f} ms "
          f"(error {answer.error.max():.0e})")  # fmt: skip
    print(f"roles of every source, Beijing: {1e3 * cpu(lambda: find_roles(model, answer)):.0f} ms")
    left_out = [[i.id] for i in model.items]
    rows = model.without(left_out)
    print(
        f"leave-one-out, {len(left_out)} items: {1e3 * cpu(lambda: evaluate(model, rows)):.0f} ms"
    )


def rows() -> None:
    """Scenarios in which every input is another."""
    model = bundled()
    many = every_input_another(model, 1000)
    seconds = cpu(lambda: evaluate(model, many, settings=DRAFT), 3)
    some = many.take(np.arange(50))
    rough, fine = (evaluate(model, some, settings=s) for s in (DRAFT, IntegratorSettings()))
    off = np.abs(rough.log_evidence - fine.log_evidence).max() / LN10
    print(f"every input another, Beijing: {1000 / seconds:,.0f} scenarios/s of one core "
          f"(largest difference from fine nodes {off:.0e} bans)")  # fmt: skip


def growth() -> None:
    """Costs by size."""
    for count in (1, 5, 20, 50, 100, 10_000, 1_000_000):
        model = bundled(**{"victims.co_victims.count": count})
        answer = evaluate(model)
        print(f"{count} further victims: {1e3 * cpu(lambda m=model: evaluate(m)):.0f} ms "  # type: ignore[misc]
              f"(error {answer.error.max():.0e})")  # fmt: skip
    for count in (1, 100, 10_000, 1_000_000):
        model = made([{"id": "g", "count": count, "disclosed": list(FIELDS[:4])}])
        print(f"{count} of four fields: {1e3 * cpu(lambda m=model: evaluate(m)):.0f} ms")  # type: ignore[misc]
    for count in (1, 2, 5, 10, 100, 10_000, 1_000_000):
        model = hotel(count)
        answer = evaluate(model)
        took = 1e3 * cpu(partial(evaluate, model))
        print(f"{count} listed by any of three: {took:.0f} ms (error {answer.error.max():.0e})")
    for fields in (4, 8, 12):
        names = list(FIELDS[:fields])
        model = made([{"id": "g", "count": 10, "disclosed": names[: fields // 2],
                       "not_disclosed": names[fields // 2 :]}])  # fmt: skip
        print(f"{fields} fields, 10 like victims: {1e3 * cpu(lambda m=model: evaluate(m)):.0f} ms")  # type: ignore[misc]
    for count in (10, 30, 100):
        model = different(count)
        answer = evaluate(model)
        print(
            f"{count} different uncertain victims: "
            f"{cpu(partial(evaluate, model), 1):.2f} s (error {answer.error.max():.4f})"
        )


# --- pyAgrum ----------------------------------------------------------------------------------


def network(model: Model, levels: int = 9) -> tuple[Any, Callable[[Scenarios, int], np.ndarray]]:
    """The plaintiff's fields as a Bayesian network with levels for what sources share.

    Each source's common latent has Gauss-Hermite levels; its fields' own latents and the share
    published are averaged out, which for one victim is exact.
    """
    import pyagrum as gum

    sources = [s for s in model.source_names if s != "unknown"]
    victim = model.filled.groups[0]
    fields = [f for f in victim.disclosed if f != "real_name"]  # the photo shows it
    routes = model.routes
    z, weight = np.polynomial.hermite_e.hermegauss(levels)
    weight = weight / weight.sum()
    net = gum.BayesNet()
    net.add(gum.LabelizedVariable("route", "", len(routes)))
    for s in sources:
        net.add(gum.LabelizedVariable(s, "", levels))
        net.cpt(s)[:] = weight
    for f in fields:
        net.add(gum.LabelizedVariable(f, "", 2))
        for parent in ("route", *sources):
            net.addArc(parent, f)
    engine = gum.VariableElimination(net)
    t = np.linspace(-6.0, 6.0, 25)
    w = np.exp(-0.5 * t * t) / np.exp(-0.5 * t * t).sum()
    sd_vague, columns = np.log(19.0) / 1.6448536, model.columns

    def share(center: float, sd: float, loading: float) -> np.ndarray:
        common = center + sd * loading * z[:, None]
        result: np.ndarray = logistic(common + sd * np.sqrt(1.0 - loading**2) * t) @ w
        return result

    def run(rows: Scenarios, row: int) -> np.ndarray:
        center, sd = rows.center[row], rows.sd[row]
        prior = np.exp(evaluate_prior[row])
        net.cpt("route")[:] = prior / prior.sum()
        publish = columns["actor.publishes"]
        omega = float(logistic(center[publish] + sd[publish] * t) @ w)
        for f in fields:
            given = {}
            for s in sources:
                i = columns[f"sources.{s}.disclosure.{f}"]
                path = f"sources.{s}.loadings.{f}"
                root = np.sqrt(center[columns[f"sources.{s}.correlation"]])
                loading = center[columns[path]] if path in columns else root
                given[s] = share(center[i], sd[i], float(loading))
            axes = {s: given[s].reshape([-1 if s == x else 1 for x in sources]) for s in sources}
            # routes exclude each other, so that the stand-in can have another one's levels
            odd = share(0.0, sd_vague, np.sqrt(0.5))
            axes["unknown"] = odd.reshape(-1, *(1,) * (len(sources) - 1))
            table = np.empty((len(routes), *(levels,) * len(sources)))
            for k, route in enumerate(routes):
                names = [s.name for s in route.sources]
                lacks: Any = 1.0
                for n in names:
                    lacks = lacks * (1.0 - axes[n])
                table[k] = omega * (1.0 - lacks)
            full = np.stack([1.0 - table, table], axis=-1)
            order = (*reversed(range(1, full.ndim - 1)), 0, full.ndim - 1)
            net.cpt(f)[:] = np.ascontiguousarray(full.transpose(order))
        engine.setEvidence(dict.fromkeys(fields, 1))
        engine.makeInference()
        return np.array(engine.posterior("route").tolist())

    base = every_input_another(model, 200)
    evaluate_prior = evaluate(model, base).log_prior
    return base, run


def peers(count: int = 60) -> None:
    """The same scenarios by variable elimination and by the product."""
    if importlib.util.find_spec("pyagrum") is None:
        print("pyAgrum is not installed: pip install --group peers")
        return
    left_out = ("co_victims", "plaintiff.traits.anonymous")
    case = load_case(CASE).without(RULE, *(f"victims.{x}" for x in left_out))
    plain = {f"sources.{s}.misfit": 0.0 for s in build_model(fill(case)).source_names[:-1]}
    model = build_model(fill(case.replace(plain)))
    rows, run = network(model)
    found = evaluate(model, rows).posterior[:count]
    off = max(float(np.abs(run(rows, k) - found[k]).max()) for k in range(count))
    theirs = count / cpu(lambda: [run(rows, k) for k in range(count)], 3)
    ours = len(rows) / cpu(lambda: evaluate(model, rows, settings=DRAFT), 3)
    print(f"plaintiff alone, seven routes, every input another: pyAgrum on nine levels "
          f"{theirs:,.0f}/s, ours {ours:,.0f}/s, ratio {ours / theirs:.2f}; "
          f"posteriors differ by {off:.0e}")  # fmt: skip


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="compare with pyAgrum only")
    arguments = parser.parse_args()
    if arguments.peers:
        peers()
        return
    machine()
    single()
    rows()
    growth()
    peers()


if __name__ == "__main__":
    main()
