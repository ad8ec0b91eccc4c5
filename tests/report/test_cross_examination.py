"""What opposing counsel would look for: numbers that do not hold, that are missing, that differ."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from causation.analyses.bound import held, role_factor, validated_bound
from causation.analyses.dependence import shared_latents
from causation.case import fill, load_case, parse_case
from causation.case.writing import starter_case
from causation.document.shipped import data_path
from causation.dossier.assessment import Assessment, assess
from causation.dossier.labels import evidence_label
from causation.errors import CaseError
from causation.inference.evaluate import evaluate
from causation.model.structure import Model, build_model
from causation.report import build as building
from causation.report import write_report
from causation.report.build import Report, build_report
from causation.report.document import Num, Table, block_inlines, plain
from causation.report.language import load_language
from causation.report.material import gather
from tests.dossier.test_words import EVERYTHING
from tests.handmade import dossier
from tests.report.cases import EVERY, LANGUAGES, NAMES, QUICK
from tests.report.reading import docx_text, markdown_text, pdf_text
from tests.terminal.test_printing import flat, printed

Build = Callable[[str, str], Report]
FileOf = Callable[[str, str, str], bytes]


def _number(text: str) -> float:
    return float(re.sub(r"[^0-9.e-]", "", text))


def _held_at_prior(a: Assessment, prior: float) -> float:
    """The held probability at another prior, by hand: prior odds times the limited ratio."""
    bound = np.inf if a.bound is None else a.bound
    limited = float(np.clip(a.answer.log10_lr[0], -bound, bound))
    odds = prior / (1.0 - prior) * 10.0**limited
    return float(role_factor(a.answer)[0] * odds / (1.0 + odds))


@pytest.mark.parametrize("name", NAMES)
def test_printed_limits_meet_their_claim_under_every_set(build: Build, name: str) -> None:
    from causation.dossier import digits

    tried = 0
    for a in build(name, "en").assessment.by_set.values():
        if isinstance(a, Exception):
            continue
        edge = a.prior_curve.held_prior_at_standard
        if edge is not None:
            at = _number(digits.percent_at_least(edge)) / 100.0
            assert _held_at_prior(a, at) >= a.threshold - 1e-9
            assert at - edge < 0.0011
            tried += 1
        found = a.carriers.residual
        if found is not None and found.needed is not None:
            ends = [_number(f(found.needed)) for f in (digits.at_most, digits.at_least)]
            rows = a.model.rows([{found.path: end} for end in ends])
            answer = evaluate(a.model, rows)
            below, above = held(answer, a.bound).probability
            error = 5.0 * float(answer.probability_error.max())
            assert below >= a.threshold - error
            assert above < a.threshold + error
            tried += 1
    assert tried > 0


def test_the_printed_bound_is_no_more_than_the_bound(build: Build) -> None:
    bound = validated_bound()
    assert bound is not None
    for lang in LANGUAGES:
        text = build(QUICK, lang).document.quantities["limit_lr"].text
        assert _number(text) <= 10.0**bound < _number(text) + 1.0
        assert "e" not in text


OWN_WEIGHT = {"sources.platform.weight": [0.4, 1.6]}


def _leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of the numbers of a prior set."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            if key in {"basis", "source", "title", "note", "reference_class", "schema", "n"}:
                continue
            yield from _leaves(inner, (*path, key))
        return
    ends = tree if isinstance(tree, list) else [tree]
    if all(isinstance(x, int | float) and not isinstance(x, bool) for x in ends):
        yield path


def _moved(tree: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The same prior set with one number moved, kept inside (0, 1) where it was."""
    changed = copy.deepcopy(tree)
    node = changed
    for key in path[:-1]:
        node = node[key]
    old = node[path[-1]]
    factor = 0.93
    node[path[-1]] = [x * factor for x in old] if isinstance(old, list) else old * factor
    return changed


def _listed(model: Model) -> list[float]:
    """What the report prints of the inputs: every number, the background, the spread of redraws."""
    ends = [x for n in model.numbers for x in (n.lo, n.hi)]
    return [*ends, *model.background, model.filled.elicitation_sd]


def _check_leaves(tmp_path: Path, changes: dict[str, Any], paths: list[tuple[str, ...]]) -> int:
    tree = yaml.safe_load(data_path("priors", "neutral.yaml").read_text("utf-8"))
    case = load_case(QUICK).replace(changes) if changes else load_case(QUICK)
    base = build_model(fill(case))
    before, listed, silent = evaluate(base, base.base()), _listed(base), 0
    for path in paths:
        file = tmp_path / "moved.yaml"
        file.write_text(yaml.safe_dump(_moved(tree, path), allow_unicode=True), encoding="utf-8")
        try:
            model = build_model(fill(case, priors=file))
        except CaseError:
            continue  # a number that the set may not have
        if _listed(model) == listed:
            after = evaluate(model, model.base())
            assert np.array_equal(after.log_prior, before.log_prior), path
            assert np.array_equal(after.log_evidence, before.log_evidence), path
            silent += 1
    return silent


def _paths() -> list[tuple[str, ...]]:
    return list(_leaves(yaml.safe_load(data_path("priors", "neutral.yaml").read_text("utf-8"))))


@pytest.mark.parametrize("changes", [{}, OWN_WEIGHT], ids=["as shipped", "own weight"])
def test_a_number_that_moves_the_answer_moves_the_list(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    weights = [p for p in _paths() if p[0] in {"weights", "chains", "elicitation_sd"}]
    _check_leaves(tmp_path, changes, [*weights, *_paths()[::9]])


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, OWN_WEIGHT], ids=["as shipped", "own weight"])
def test_every_number_that_moves_the_answer_moves_the_list(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    assert _check_leaves(tmp_path, changes, _paths()) > 10


def test_the_list_is_printed(build: Build) -> None:
    report = build(QUICK, "en")
    model, q = report.assessment.model, report.document.quantities
    for route, share in zip(report.assessment.routes, model.background, strict=True):
        assert q[f"background.{route}"].value == pytest.approx(float(share), abs=0.0)
    shown = {
        i.key for b in report.document.blocks for run in block_inlines(b) for i in run
        if isinstance(i, Num)
    }  # fmt: skip
    listed = {f"input.{n.path}.lo" for n in model.numbers}
    assert listed | {"elicitation_sd", "threshold"} <= shown


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_twenty_questions_are_answered_where_they_say(build: Build, name: str, lang: str) -> None:
    document = build(name, lang).document
    table = next(b for b in document.blocks if isinstance(b, Table) and b.id == "t-questions")
    assert len(table.rows) == 20
    headings = {h.id for h in document.headings()}
    for question, answer, place in table.rows:
        assert plain(question)
        assert len(plain(answer)) > 20
        targets = [i.target for i in place if hasattr(i, "target")]
        assert targets
        assert set(targets) <= headings
        assert re.search(r"[0-9A-E]", plain(place))


CHINESE_LAW = re.compile(
    "Evidence Provisions|Civil Procedure Law|PIPL|民诉|证据规定|个人信息保护法|民事诉讼法"
    "|高度可能性|司法解释|China:|中国："
)


def _elsewhere(jurisdiction: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> str:
    case = load_case(QUICK).replace(
        {"jurisdiction": jurisdiction, "standard": 0.5, "note": None, "citation": []}
    )
    a = dossier(case)
    a.__dict__["by_set"] = {"neutral": a}
    a.__dict__["claimants"] = ()
    monkeypatch.setattr(building, "assess", lambda _filled, **_options: a)
    language = load_language(lang)
    material = gather(case, language=language, priors=None, standard=None, identify=False)
    blocks = build_report(material, language).document.blocks
    text = "\n".join(plain(run) for b in blocks for run in block_inlines(b))
    return text.partition("schema: 2")[0]


@pytest.mark.parametrize(
    ("jurisdiction", "lang", "cited"),
    [
        ("us", "en", "28 U.S.C. § 1746"),
        pytest.param("us", "zh", "Fed. R. Evid. 702", marks=pytest.mark.slow),
        pytest.param("uk", "en", "proceedings for contempt of court", marks=pytest.mark.slow),
        pytest.param("uk", "zh", "Guidance for the Instruction of Experts", marks=pytest.mark.slow),
        pytest.param("none", "en", "the rules of no particular court", marks=pytest.mark.slow),
        pytest.param("jp", "en", "Supreme Court of Japan", marks=pytest.mark.slow),
        pytest.param("kr", "zh", "韩国程序规则", marks=pytest.mark.slow),
    ],
)
def test_a_case_elsewhere_cites_no_chinese_law(
    jurisdiction: str, lang: str, cited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _elsewhere(jurisdiction, lang, monkeypatch)
    assert cited in text
    assert CHINESE_LAW.findall(text) == []


@pytest.mark.parametrize("name", NAMES)
def test_where_the_limit_binds_it_says_so(build: Build, name: str) -> None:
    """Where a larger ratio would not help, three places say what the held probability stays at."""
    report = build(name, "en")
    a, ratio = report.assessment, float(report.assessment.answer.log10_lr[0])
    binds = a.bound is not None and abs(ratio) >= a.bound
    said = [
        plain(run)
        for block in report.document.blocks
        for run in block_inlines(block)
        if "The limit binds here" in plain(run)
    ]
    assert len(said) >= 3 if binds else not said
    if not binds:
        return
    kept = float(held(replace(a.answer, log_evidence=2.0 * a.answer.log_evidence), a.bound)
                 .probability[0])  # fmt: skip
    assert kept == pytest.approx(a.held.probability, rel=1e-9)
    short = ratio > 0 and a.held.probability < a.threshold
    assert all(("no ratio, however large" in text) == short for text in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_value_reads_the_same_everywhere(build: Build, file_of: FileOf, lang: str) -> None:
    report = build(QUICK, lang)
    q = report.document.quantities
    keys = ["probability", "held", "threshold", "prior_at_standard", "residual_fails", "range.lo"]
    keys += [k for k in q if k.startswith(("under_set_held.", "variant_held.", "burden."))]
    keys = [k for k in keys if k in q and k != "variant_held.membership_counted"]
    texts = {
        "terminal": printed(report.assessment, lang=lang),
        "md": markdown_text(file_of(QUICK, lang, "md")),
        "docx": docx_text(file_of(QUICK, lang, "docx")),
        "html": file_of(QUICK, lang, "html").decode(),
        "pdf": "".join(pdf_text(file_of(QUICK, lang, "pdf"))),
    }
    for name, text in texts.items():
        whole = flat(text).replace("\u00a0", "")
        missing = [k for k in keys if flat(q[k].text).replace("\u00a0", "") not in whole]
        assert missing == [], name


def test_what_was_not_published_says_so() -> None:
    case = load_case(QUICK).replace({"victims.plaintiff.not_disclosed": ["email"]})
    model = build_model(fill(case))
    item = model.items[model.item_index["victims.plaintiff.fields.email"]]
    assert evidence_label(model.filled, item, "en").endswith("(not published)")
    assert evidence_label(model.filled, item, "zh").endswith("（未公开）")


def test_what_ties_items_together_has_a_name() -> None:
    model = build_model(fill(parse_case(EVERYTHING)))
    found = shared_latents(model)
    assert len(found) > 5
    for latent in found:
        for lang in LANGUAGES:
            assert not re.search(r"[\[\]_{}]|\w\.\w", latent.label[lang]), latent.name


def test_pooled_evidence_is_not_printed_as_nothing() -> None:
    """Thirty findings that each speak for the platform make one row, and it has weight."""
    case = load_case(QUICK).without("no_alternative_route")
    for k in range(30):
        case = case.with_finding(
            f"f{k}", about="platform",
            likelihood={"platform": 0.6, "osint": 0.4, "library": 0.4, "unknown": 0.4},
        )  # fmt: skip
    rows = assess(case).contributions.rows
    [pooled] = [row for row in rows if len(row.item.members) == 30]
    assert pooled.leave_one_out > 0.5
    assert min(abs(x) for x in pooled.log10_lr.values()) > 0.5


def test_a_starter_is_refused_by_name(tmp_path: Path) -> None:
    for lang in LANGUAGES:
        path = tmp_path / f"{lang}.yaml"
        path.write_text(starter_case(lang), encoding="utf-8")
        with pytest.raises(CaseError, match="placeholder of the starter is left"):
            write_report(path, tmp_path / "r.md")
