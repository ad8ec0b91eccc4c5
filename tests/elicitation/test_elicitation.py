"""Elicitation: what an answer implies, calibration, and sets that are written and gone on with."""

from __future__ import annotations

import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from causation.case import bundled_prior_sets, load_prior_set, parse_prior_set
from causation.case.library import load_fields
from causation.document.forms import Expert, Panel
from causation.document.stated import Stated
from causation.elicitation.answers import WrongAnswerError, checked, persons, share_of
from causation.elicitation.calibration import (
    calibration_score,
    performance_weights,
    where_truths_fell,
)
from causation.elicitation.feedback import SHARES, feedback, pool_feedback, remarks
from causation.elicitation.interview import Interview
from causation.elicitation.questions import COLUMNS, questions, seeds
from causation.elicitation.session import Session
from causation.errors import CausationError, InputError

PHONE, NUMBER = "fields.phone.leaked_library", "fields.id_number.leaked_library"
Z = 1.6448536269514722


def _basis(entry: Stated) -> str:
    assert entry.basis is not None
    return entry.basis["en"]


def panel_of(entry: Stated) -> Panel:
    assert isinstance(entry.form, Panel)
    return entry.form


# ---- what an answer implies


@pytest.mark.parametrize("value", [(0.2, 0.8), (0.001, 0.05), (0.9, 0.999)])
def test_what_an_interval_implies(value: tuple[float, float]) -> None:
    """Against PreliZ's logit-normal, fitted to the same interval by maximum entropy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import preliz

        other = preliz.LogitNormal(
            float(np.mean(logit(value))), float(np.diff(logit(value))[0] / 2 / Z)
        )
    seen = feedback(PHONE, value)
    assert seen.points == pytest.approx([float(other.ppf(q)) for q in SHARES], rel=1e-6)
    assert seen.middle == pytest.approx(float(expit(np.mean(logit(value)))))
    assert seen.mean == pytest.approx(float(other.mean()), abs=0.004)  # by fifty equal parts
    edges = other.cdf(np.arange(1, 50) / 50)
    parts = np.diff([0.0, *edges, 1.0])
    assert seen.curve == pytest.approx(parts / parts.max(), abs=1e-6)


def test_a_middle_that_is_not_that_of_the_interval_is_noticed() -> None:
    assert not feedback(PHONE, (0.2, 0.8), 0.5).off_middle
    assert not feedback(PHONE, (0.5, 0.98), 0.87).off_middle
    assert feedback(PHONE, (0.2, 0.8), 0.3).off_middle


def test_sets_further_away_than_the_answer_is_wide_are_named() -> None:
    value = (0.001, 0.01)
    far = {
        name
        for name in bundled_prior_sets()
        if abs(
            np.mean(logit(load_prior_set(name).fields["phone"].leaked_library.value))
            - np.mean(logit(value))
        )
        > np.diff(logit(value))[0]
    }
    seen = feedback(PHONE, value)
    assert {d.set for d in seen.differences} == far >= {"neutral"}
    assert "neutral (50 to 98 of 100)" in remarks(seen, None, "en")[-1]
    assert "中性（每100人中50至98）" in remarks(seen, None, "zh")[-1]
    assert len(remarks(feedback(PHONE, (0.3, 0.99)), None, "en")) == 1


def test_the_pool_is_shown_as_a_mixture() -> None:
    panel = Panel((Expert("A", (0.5, 0.98)), Expert("B", (0.1, 0.6))))
    seen = pool_feedback(panel)
    draws = np.concatenate(
        [
            expit(stats.norm(np.mean(logit(v)), np.diff(logit(v))[0] / 2 / Z).ppf(
                (np.arange(100_000) + 0.5) / 100_000))
            for v in ((0.5, 0.98), (0.1, 0.6))
        ]
    )  # fmt: skip
    assert seen.points == pytest.approx(np.quantile(draws, SHARES), abs=1e-4)
    assert seen.middle == pytest.approx(0.560446, abs=1e-6)


def test_persons_of_100() -> None:
    assert [share_of(x) for x in ("5", "0.2", "61 %", "６１％")] == [0.05, 0.002, 0.61, 0.61]
    assert [persons(x) for x in (0.5, 0.002, 0.98, 0.99977)] == ["50", "0.2", "98", "99.977"]
    for text in ("", "many", "0", "100", "-3", "nan"):
        with pytest.raises(WrongAnswerError):
            share_of(text)
    assert checked(0.2, 0.8, 0.5) == (0.2, 0.8)
    for lo, hi, median in ((0.8, 0.2, None), (0.5, 0.5, None), (0.2, 0.8, 0.9), (0.2, 0.8, 0.1)):
        with pytest.raises(WrongAnswerError) as raised:
            checked(lo, hi, median)
        assert raised.value.text("zh") != raised.value.text("en")


# ---- questions


def test_questions_name_source_field_and_what_the_share_is_a_share_of() -> None:
    base = load_prior_set("neutral")
    asked = questions(base, sources=tuple(COLUMNS))
    assert len(asked) == 4 * len(load_fields())
    assert {q.path for q in asked} <= set(base.entries())
    for q in asked:
        for lang in ("en", "zh"):
            assert q.field[lang] in q.text[lang]
            assert q.source[lang] in q.text[lang]
        assert q.reference_class == base.reference_class
    with pytest.raises(InputError, match="did you mean phone"):
        questions(base, fields=["phon"])
    with pytest.raises(InputError, match="leaked_library"):
        questions(base, sources=["library"])


# ---- calibration


@pytest.mark.parametrize(
    ("counts", "score"),
    [((0, 5, 4, 1), 0.682816), ((1, 4, 4, 1), 0.828308), ((3, 2, 2, 3), 0.001805)],
)
def test_cookes_calibration_score(counts: tuple[int, ...], score: float) -> None:
    assert calibration_score(counts) == pytest.approx(score, abs=5e-7)
    p, s = np.array([0.05, 0.45, 0.45, 0.05]), np.array(counts) / 10
    entropy = sum(a * np.log(a / b) for a, b in zip(s, p, strict=True) if a)
    assert calibration_score(counts) == pytest.approx(stats.chi2.sf(20 * entropy, 3))


def test_where_truths_fell() -> None:
    answers = dict.fromkeys("abcd", (0.2, 0.4, 0.6))
    truths = {"a": 0.1, "b": 0.3, "c": 0.5, "d": 0.7}
    assert where_truths_fell(answers, truths) == (1, 1, 1, 1)


def test_weights_follow_scores() -> None:
    weights = performance_weights({"a": 0.682816, "b": 0.828308, "c": 0.001805})
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["b"] / weights["a"] == pytest.approx(0.828308 / 0.682816, rel=1e-5)
    assert performance_weights({"a": 0.0, "b": 0.0}) == {"a": 0.5, "b": 0.5}


def test_seed_questions_have_answers_from_the_tables() -> None:
    truths = {seed.id: seed.truth for seed in seeds()}
    assert len(truths) == 10
    assert truths["hibp.phone"] == 279 / 444
    assert truths["yougov.any"] == 4142 / 5000
    assert all(set(seed.text) == {"en", "zh"} for seed in seeds())


# ---- sessions


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path / "panel.yaml")
    made.join("A", outcome_unknown=True, date="2026-01-02")
    made.join("B", outcome_unknown=False, date="2026-01-03", note="by telephone")
    return made


def test_answers_are_in_the_file_at_once_and_are_gone_on_with(session: Session) -> None:
    asked = questions(session.priors, fields=["phone", "id_number"])
    session.answer("A", PHONE, (0.5, 0.98), median=0.85, rationale="seen")
    again = Session(session.path)
    assert again.experts == ("A", "B")
    assert [q.path for q in again.open("A", asked)] == [NUMBER]
    assert len(again.open("B", asked)) == 2
    again.answer("A", NUMBER, (0.1, 0.3))
    assert Session(session.path).answered("A") == {PHONE: (0.5, 0.98), NUMBER: (0.1, 0.3)}
    neutral = load_prior_set("neutral").entries()
    kept = parse_prior_set(session.path.read_bytes())
    for path, entry in kept.entries().items():
        if path not in (PHONE, NUMBER):
            assert entry == neutral[path]
    assert kept.id == "panel"
    assert kept.elicitation is not None
    first, second = kept.elicitation.experts
    assert (str(first.date), first.outcome_unknown) == ("2026-01-02", True)
    assert second.outcome_unknown is False
    assert second.note == {"en": "by telephone", "zh": "by telephone"}


def test_several_experts_are_pooled_until_the_group_has_spoken(session: Session) -> None:
    session.answer("A", PHONE, (0.5, 0.98))
    session.answer("B", PHONE, (0.1, 0.6))
    entry = session.priors.entries()[PHONE]
    assert entry.value == pytest.approx((0.128723, 0.969588), abs=6e-7)
    assert "A, B" in _basis(entry)
    assert "[0.5, 0.98]" in _basis(entry)  # what stood there before
    session.answer("A", PHONE, (0.5, 0.98))  # said again
    assert len(session.panels()[PHONE].members) == 2
    session.pool("quantile")
    assert session.priors.entries()[PHONE].value == pytest.approx((0.25, 0.895542), abs=6e-7)
    session.agree(PHONE, (0.3, 0.9), median=0.6, rationale="talked over")
    entry = Session(session.path).priors.entries()[PHONE]
    assert entry.value == pytest.approx((0.3, 0.9))
    assert "agreed on" in _basis(entry)
    assert [m.value for m in session.panels()[PHONE].members] == [(0.1, 0.6), (0.5, 0.98)]


def test_weights_from_calibration(session: Session) -> None:
    session.answer("A", PHONE, (0.5, 0.98))
    session.answer("B", PHONE, (0.1, 0.6))
    with pytest.raises(InputError, match="no calibration of: A, B"):
        session.pool("quantile", cooke=True)
    for seed in seeds():
        session.seed("A", seed.id, (seed.truth * 0.5, seed.truth, min(1.0, seed.truth * 1.5)))
        session.seed("B", seed.id, (0.001, 0.002, 0.003))
    scores = {name: score for name, (score, _) in session.calibrations().items()}
    assert scores["A"] > scores["B"]
    weights = session.pool("quantile", cooke=True)
    assert weights is not None
    assert weights["A"] == pytest.approx(scores["A"] / sum(scores.values()), abs=1e-5)
    panel = Session(session.path).panels()[PHONE]
    assert panel.weights == pytest.approx((weights["A"], weights["B"]))


def test_what_is_refused_changes_nothing(session: Session) -> None:
    session.answer("A", PHONE, (0.5, 0.98))
    before = session.path.read_bytes()
    for name, path, value, median in (
        ("A", PHONE, (0.5, 0.98), 0.3),
        ("A", PHONE, (0.9, 0.2), None),
        ("A", PHONE, (0.0, 0.2), None),
        ("C", PHONE, (0.1, 0.2), None),
        ("A", "fields.phone.library", (0.1, 0.2), None),
    ):
        with pytest.raises(CausationError):
            session.answer(name, path, value, median=median)
    with pytest.raises(InputError, match="nobody has answered"):
        session.agree(NUMBER, (0.1, 0.2))
    with pytest.raises(InputError, match="own median"):
        session.seed("A", "hibp.phone", (0.5, 0.2, 0.8))
    with pytest.raises(InputError, match="no such expert"):
        session.seed("C", "hibp.phone", (0.2, 0.5, 0.8))
    assert session.path.read_bytes() == before
    assert Session(session.path).answered("A") == {PHONE: (0.5, 0.98)}


def test_those_who_answer_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Four processes write one file: every expert is in it, with the answer."""
    path = tmp_path / "panel.yaml"
    Session(path).save()
    code = (
        "import sys; from causation.elicitation.session import Session\n"
        "s = Session('panel.yaml'); n = sys.argv[1]\n"
        f"s.join(n, outcome_unknown=True); s.answer(n, '{PHONE}', (0.1, 0.5 + 0.01 * int(n[1:])))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, f"E{k}"], cwd=tmp_path) for k in range(4)
    ]
    assert [process.wait(120) for process in running] == [0] * 4
    panel = Session(path).panels()[PHONE]
    assert sorted(m.name for m in panel.members) == ["E0", "E1", "E2", "E3"]
    for m in panel.members:
        assert m.value == pytest.approx((0.1, 0.5 + 0.01 * int(m.name[1:])))
    assert [p.name for p in tmp_path.iterdir()] == ["panel.yaml"]  # no lock is left


def test_a_file_that_another_keeps_is_not_written(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from causation.elicitation import session as module

    before = session.path.read_bytes()
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    with (
        Session(session.path)._changing(),
        pytest.raises(InputError, match="another session is writing it"),
    ):
        session.answer("A", PHONE, (0.5, 0.98))
    assert session.path.read_bytes() == before
    session.answer("A", PHONE, (0.5, 0.98))


@pytest.mark.parametrize("expert", ["A", None])
def test_an_interview_goes_back_and_corrects(session: Session, expert: str | None) -> None:
    for name in ("A", "B"):
        session.answer(name, PHONE, (0.5, 0.98))
        session.answer(name, NUMBER, (0.1, 0.3))
    if expert is None:
        session.agree(PHONE, (0.4, 0.9))
        session.agree(NUMBER, (0.1, 0.2))
    asked = Interview(session.path, expert=expert, fields=["phone", "id_number"])
    if expert is None:  # the group has spoken: everything is asked again
        assert asked.question == asked.asked[0]
    else:
        assert asked.question is None
        asked.back()
        asked.back()
    assert asked.question is not None
    assert (asked.question.path, len(asked.asked)) == (PHONE, 2)
    before = asked.standing()
    assert before is not None
    assert before.value == pytest.approx((0.5, 0.98) if expert else (0.4, 0.9))
    assert ("50 to 98" if expert else "40 to 90") in asked.stands()[0]
    asked.answer((0.2, 0.7), median=None, rationale="thought again")
    entry = Session(session.path).panels()[PHONE]
    found = entry.group if expert is None else next(m for m in entry.members if m.name == "A")
    assert found is not None
    assert found.value == pytest.approx((0.2, 0.7))
    again = Interview(session.path, expert=expert, fields=["phone", "id_number"], again=True)
    assert again.at == 0


def test_a_set_that_was_not_elicited_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = Path(__file__).parents[2].joinpath("data", "priors", "neutral.yaml").read_bytes()
    path.write_bytes(text)
    with pytest.raises(InputError, match="not elicited"):
        Session(path)
    assert path.read_bytes() == text
    with pytest.raises(InputError, match="id"):
        Session(tmp_path / "1 panel.yaml")


def test_an_expert_twice_or_one_who_was_not_asked(session: Session) -> None:
    session.answer("A", PHONE, (0.5, 0.98))
    text = session.path.read_text(encoding="utf-8")
    with pytest.raises(CausationError, match="an expert stands twice"):
        parse_prior_set(text.replace("name: B", "name: A"))
    with pytest.raises(CausationError, match="an expert of this number is not listed"):
        parse_prior_set(text.replace("- name: A\n", "- name: C\n", 1))


def test_the_made_up_experts_typed_what_their_sets_say() -> None:
    """Every third of five lines is a number of the set: typed values are read anew here."""
    folder = Path(__file__).parents[2] / "docs" / "elicited"
    for name in ("expert-one", "expert-two"):
        lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()[1:]
        priors = load_prior_set(folder / f"{name}.yaml")
        asked = questions(
            priors,
            sources=("leaked_library", "inference", "custodian_holding"),
            fields=("account_link", "phone", "real_name", "id_number", "id_photo", "transaction"),
        )
        assert len(lines) == 5 * len(asked)
        for question, start in zip(asked, range(0, len(lines), 5), strict=True):
            lo, hi, middle = (float(x) / 100 for x in lines[start : start + 3])
            (member,) = panel_of(priors.entries()[question.path]).members
            assert member.value == pytest.approx((lo, hi))
            assert member.median == pytest.approx(middle)
            assert member.name == name
    assert all(a < b for a, b in pairwise(SHARES))
