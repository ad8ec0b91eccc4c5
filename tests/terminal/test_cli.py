"""The command line: exit codes, one message, no traceback, JSON, and hostile surroundings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import typer.main

from causation.case import Case, data_path
from causation.terminal.cli import app, main
from causation.terminal.drawing import PICTURES
from tests.build import document
from tests.handmade import dossier

RUN = "import sys; from causation.terminal.cli import main; sys.exit(main(sys.argv[1:]))"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run in this process."""
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run in a process of its own, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
    )


def one_message(err: str) -> str:
    """The single message on standard error."""
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert lines[0].startswith("causation: ")
    assert "Traceback" not in err
    assert not any(unicodedata.category(c).startswith("C") for c in lines[0])
    return lines[0]


def written(tmp_path: Path, **changes: Any) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(document(**changes)), encoding="utf-8")
    return str(path)


# ------------------------------------------------------------------ bad input


def bad_documents() -> dict[str, tuple[dict[str, Any], list[str]]]:
    """What is changed in the base case, and what the message must say."""
    doc = document()

    def victims(**more: Any) -> dict[str, Any]:
        return {"victims": [doc["victims"][0] | more]}

    def findings(**more: Any) -> dict[str, Any]:
        return {"findings": [doc["findings"][0] | more]}

    likelihood = doc["findings"][0]["likelihood"]
    return {
        "unknown key": ({"propositon": "platform"}, ["propositon", "proposition"]),
        "unknown key of a group": (victims(linkge=0.5), ["victims[0].linkge", "linkage"]),
        "wrong type": (victims(count="many"), ["victims[0].count", "whole number"]),
        "inverted interval": (victims(linkage=[0.9, 0.2]), ["victims[0].linkage", "inverted"]),
        "probability above 1": (findings(reliability=1.2), ["reliability", "1.2"]),
        "negative probability": (
            findings(likelihood=likelihood | {"osint": -0.1}),
            ["likelihood.osint", "-0.1"],
        ),
        "not a number": (victims(linkage=float("nan")), ["not finite"]),
        "unknown source": ({"proposition": "platfrom"}, ["proposition", "platform"]),
        "unknown field": (victims(disclosed=["phnoe"]), ["phnoe", "phone"]),
        "a placeholder of the starter": (
            {"title": {"en": "<claimant> v. us"}},
            ["title.en", "<claimant>"],
        ),
        "unknown template": (
            {"findings": [{"id": "f", "template": "clean_access_log_audi", "about": "platform"}]},
            ["clean_access_log_audi"],
        ),
        "unknown prior set": ({"priors": "neutrl"}, ["neutrl", "neutral"]),
        "unknown standard": ({"standard": "cn-high"}, ["cn-high"]),
        "duplicate ids": (
            {"victims": [doc["victims"][0], doc["victims"][0]]},
            ["victims[1].id", "plaintiff"],
        ),
        "disclosed and not disclosed": (
            victims(not_disclosed=["phone"]),
            ["victims[0].not_disclosed", "phone"],
        ),
        "nothing disclosed": (victims(disclosed=[]), ["victims[0].disclosed"]),
        "one source": (
            {"sources": {"platform": {"kind": "custodian"}}, "findings": None},
            ["sources"],
        ),
        "all excluded": (
            findings(likelihood={"platform": 0, "osint": 0, "library": 0}, reliability=1),
            ["excludes every route"],
        ),
    }


@pytest.mark.parametrize("command", ["assess", "inquire", "plot", "report", "sensitivity", "sweep"])
def test_no_command_computes_what_is_still_a_placeholder(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, title={"en": "<claimant> v. us"})
    more = {"plot": ("routes",), "sweep": ("--vary", "sources.unknown.weight=1:2:2")}
    out_of = () if command in {"assess", "inquire", "sensitivity"} else ("-o", tmp_path / "out.png")
    code, _, err = call(capsys, command, path, *more.get(command, ()), *out_of)
    assert (code, "<claimant>" in one_message(err)) == (2, True)


@pytest.mark.parametrize("name", bad_documents())
def test_bad_case(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes, parts = bad_documents()[name]
    path = written(tmp_path, **changes)
    code, out, err = call(capsys, "assess", path)
    assert code == 2
    assert out == ""
    message = one_message(err)
    for part in parts:
        assert part in message, message
    if name != "all excluded":
        assert path in message


def new_keys() -> dict[str, tuple[dict[str, Any], list[str]]]:
    """What is changed for the keys of the second edition, and what the message must say."""
    doc = document()
    first, second = doc["victims"]
    library = {"kind": "leaked_library"}
    sources = doc["sources"]

    def others(**more: Any) -> dict[str, Any]:
        return {"victims": [first, second | more]}

    def plaintiff(**more: Any) -> dict[str, Any]:
        return {"victims": [first | more, second]}

    def listed(**more: Any) -> dict[str, Any]:
        return others(known_by=more, traits={"anonymous": False}, not_users_of=["platform"])

    def security(**more: Any) -> dict[str, Any]:
        return {"security": {"platform": more}}

    return {
        "chains above 1": (
            {"routes": {"osint/library": 0.7, "osint/platform": 0.7}},
            ["routes.'osint/platform'", "more than 1"],
        ),
        "unknown key": (others(know_by="exposure"), ["victims[1].know_by", "known_by"]),
        "a field in two lists": (plaintiff(redacted=["phone"]), ["victims[0].redacted[0]"]),
        "an implied field": (
            plaintiff(disclosed=["id_photo"], not_disclosed=["real_name"]),
            ["victims[0].not_disclosed[0]", "shows this field"],
        ),
        "known by what was not published": (
            listed(published_all=["email"]),
            ["victims[1].known_by.published_all[0]", "contradict"],
        ),
        "known by a trait that is false": (listed(traits=["anonymous"]), ["contradict"]),
        "known as users of what they do not use": (listed(users_of=["platform"]), ["contradict"]),
        "known by on the plaintiff": (plaintiff(known_by="exposure"), ["victims[0].known_by"]),
        "no plaintiff": (plaintiff(plaintiff=False), ["no plaintiff"]),
        "attempt without reach": (others(known_by="attempt"), ["victims[1].known_by", "reach"]),
        "a register of nobody's": (
            others(record={"of": ["osint"], "agrees": ["phone"]}),
            ["victims[1].record[0].of[0]", "custodian"],
        ),
        "dates out of order": (
            others(dates={"phone": {"since": "2024", "until": "2023"}}),
            ["victims[1].dates.phone", "out of order"],
        ),
        "a month that had all passed by the day": (
            others(posted="2023-05", dates={"phone": {"since": "2023-05-31"}}),
            ["victims[1].dates.phone.since", "no time is left"],
        ),
        "a year that began after the day": (
            others(posted="2023-05", dates={"phone": {"since": "2021", "until": "2021-01-14"}}),
            ["victims[1].dates.phone.until", "no time is left"],
        ),
        "shares that do not add up": (
            {"sources": sources | {n: library | {"share": 0.3} for n in ("a", "library")}},
            ["add up to 1"],
        ),
        "unequal weights of one kind": (
            {"sources": sources | {"a": {"kind": "inference", "weight": 2},
                                   "osint": sources["osint"] | {"weight": 3}}},
            ["weight"],
        ),
        "unequal reliability in a group": (
            {"findings": [doc["findings"][0] | {"id": n, "group": "g", "reliability": r}
                          for n, r in (("f", 0.9), ("h", 0.8))]},
            ["reliability"],
        ),
        "the first edition": ({"schema": 1}, ["first edition", "convert"]),
        "incidents over no years": (
            security(incidents={"count": 2, "years": 0}),
            ["security.platform.incidents.years"],
        ),
        "a certificate after the incident": (
            security(certification={"scheme": "x", "date": "2024-01-01"}),
            ["security.platform.certification.date"],
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", new_keys())
def test_bad_input_of_every_new_key(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, parts = new_keys()[name]
    path = written(tmp_path, **changes)
    for command in ("validate", "assess"):
        code, out, err = call(capsys, command, path)
        assert (code, out) == (2, "")
        message = one_message(err)
        assert path in message
        for part in parts:
            assert part in message, message


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "syntax.yaml": (b"schema: 2\nid: [a\nsources: {", "syntax.yaml:"),
    "encoding.yaml": ("schema: 2\nid: a\ntitle: 开盒\n".encode("gb18030"), "UTF-8"),
    "empty.yaml": (b"", "empty"),
    "blank.yaml": (b"\n# nothing\n", "empty"),
    "list.yaml": (b"- 1\n- 2\n", "list.yaml"),
    "nul.yaml": (b"schema: 2\x00\n", "nul.yaml"),
    "duplicate.yaml": (b"schema: 2\nid: a\nid: b\n", "duplicate.yaml:3"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, part = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    for command in ("assess", "validate"):
        code, out, err = call(capsys, command, str(path))
        assert (code, out) == (2, "")
        assert part in one_message(err)


def test_missing_file_and_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target in (str(tmp_path / "none.yaml"), str(tmp_path), "no-such-case"):
        code, _, err = call(capsys, "assess", target)
        assert code == 2
        assert target in one_message(err)


def test_the_message_has_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(
        "schema: 2\nid: a\njurisdiction: cn\nproposition: platform\nsources:\n"
        "  platform: {kind: custodian}\n  osint: {kind: inference}\n"
        "victims:\n  - id: p\n    disclosed: [phone]\n    linkage: [0.9, 0.2]\n",
        encoding="utf-8",
    )
    code, _, err = call(capsys, "assess", str(path))
    assert code == 2
    assert f"{path}:11: victims[0].linkage" in one_message(err)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("asess",),
        ("assess",),
        ("assess", "bic-2025-doxxing", "--no-such-option"),
        ("assess", "bic-2025-doxxing", "--engine", "guess"),
        ("assess", "bic-2025-doxxing", "--seed", "-1"),
        ("assess", "bic-2025-doxxing", "--seed", "x"),
        ("assess", "bic-2025-doxxing", "--standard", "1"),
        ("assess", "bic-2025-doxxing", "--standard", "nan"),
        ("assess", "bic-2025-doxxing", "--standard", "no-such"),
        ("assess", "bic-2025-doxxing", "--priors", "no-such"),
        ("assess", "bic-2025-doxxing", "--lang", "fr"),
        ("validate",),
        ("sweep", "bic-2025-doxxing"),
    ],
)
def test_bad_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in err
    assert err.strip()


def test_a_failure_of_ours_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected exception: one message without its text, exit 1; shown on request."""

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret name")

    monkeypatch.setattr("causation.dossier.assessment.assess", fail)
    code, out, err = call(capsys, "assess", "bic-2025-doxxing")
    assert (code, out) == (1, "")
    message = one_message(err)
    assert "RuntimeError" in message
    assert "secret" not in message
    monkeypatch.setenv("CAUSATION_DEBUG", "1")
    with pytest.raises(RuntimeError, match="a secret name"):
        main(["assess", "bic-2025-doxxing"])


def test_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("causation.dossier.assessment.assess", interrupt)
    code, out, err = call(capsys, "assess", "bic-2025-doxxing")
    assert (code, out) == (130, "")
    assert "Traceback" not in err


# ------------------------------------------------------------------ what it prints


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Assessments are not computed but written by hand; the options that were asked for."""
    seen: list[dict[str, Any]] = []

    def assess(case: Case, **options: Any) -> Any:
        seen.append(options)
        chosen = case.replace(priors=options["priors"] or "neutral")
        return dossier(chosen)

    monkeypatch.setattr("causation.dossier.assessment.assess", assess)
    return seen


def test_json(capsys: pytest.CaptureFixture[str], asked: list[dict[str, Any]]) -> None:
    code, out, err = call(capsys, "assess", "bic-2025-doxxing", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    keys = (
        "case proposition standard prior log_evidence posterior error sources victims probability "
        "log10_lr held verdict because variants range_of_opinion notices engine provenance"
    )
    assert set(keys.split()) <= data.keys()
    assert set(data["standard"]) >= {"id", "threshold"}
    assert {"version", "case_sha256", "prior_set"} <= data["provenance"].keys()
    assert data == dossier().to_dict() | {"notices": data["notices"]}
    assert len(asked) == 1


def test_options(capsys: pytest.CaptureFixture[str], asked: list[dict[str, Any]]) -> None:
    arguments = ("--priors", "claimant", "--standard", "0.9", "--seed", "0", "--engine", "mcmc")
    assert call(capsys, "assess", "bic-2025-doxxing", *arguments, "--json")[0] == 0
    assert asked == [{"priors": "claimant", "standard": 0.9, "random_seed": 0, "engine": "mcmc"}]


@pytest.mark.parametrize(
    "option",
    [
        ("--priors", "neutral,claimant,respondent"),
        ("--priors", "neutral", "--priors", "claimant", "--priors", "respondent"),
    ],
)
def test_prior_sets_side_by_side(
    option: tuple[str, ...], capsys: pytest.CaptureFixture[str], asked: list[dict[str, Any]]
) -> None:
    code, out, _ = call(capsys, "assess", "bic-2025-doxxing", *option)
    assert code == 0
    assert out.count("Side by side") == 1
    code, out, _ = call(capsys, "assess", "bic-2025-doxxing", *option, "--json")
    found = json.loads(out)
    assert list(found) == ["neutral", "claimant", "respondent"]
    assert [a["provenance"]["prior_set"] for a in found.values()] == list(found)
    assert [o["priors"] for o in asked] == 2 * list(found)


@pytest.mark.usefixtures("asked")
def test_languages(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "assess", "bic-2025-doxxing", "--lang", "zh")
    assert code == 0
    assert "平台后台" in out


def test_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("causation.dossier.assessment.assess", lambda case, **_: dossier(case))
    for k, what in enumerate(PICTURES):
        path = tmp_path / f"{what}.{('png', 'svg', 'pdf')[k % 3]}"
        command = ("plot", "bic-2025-doxxing", what, "-o", str(path), "--lang", "zh")
        assert call(capsys, *command)[0] == 0
        assert path.stat().st_size > 1000
    code, _, err = call(capsys, *command)
    assert code == 2
    assert "已存在" in one_message(err)
    code, _, err = call(capsys, "plot", "pang-2017", "routes", "-o", str(tmp_path / "x.txt"))
    assert code == 2
    assert "allowed: pdf, png, svg" in one_message(err)


def test_other_commands(capsys: pytest.CaptureFixture[str]) -> None:
    from causation.version import VERSION

    assert call(capsys, "--version")[:2] == (0, f"{VERSION}\n")
    code, out, _ = call(capsys, "cases")
    assert code == 0
    assert "bic-2025-doxxing" in out
    assert json.loads(call(capsys, "schema")[1])["title"] == "Case"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_new_writes_a_starter_that_is_not_assessed_as_it_is(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.yaml"
    code, out, _ = call(capsys, "new", str(target), "--lang", lang)
    assert code == 0
    code, out, _ = call(capsys, "validate", str(target), "bic-2025-doxxing", "--lang", lang)
    left = {"en": ["<claimant>, <platform>", "<platform>"], "zh": ["<原告>, <平台>", "<平台>"]}[
        lang
    ]
    assert code == 0
    for place, words in zip(("title", "sources.platform.label"), left, strict=True):
        assert f"{place}.{lang} ({words})" in " ".join(out.split())
    assert out.count("assess") == 1, "of the other case nothing is left"
    code, out, err = call(capsys, "assess", str(target))
    assert (code, out) == (2, "")
    assert left[0] in one_message(err)
    assert "placeholder" in err
    code, _, err = call(capsys, "report", str(target), "-o", str(tmp_path / "x.md"))
    assert code == 2
    assert "placeholder" in one_message(err)


def test_a_publication_in_the_future_is_named_beside_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "late.yaml"
    text = data_path("cases", "bic-2025-doxxing.yaml").read_text(encoding="utf-8")
    case.write_text(re.sub("incident_date: .*", "incident_date: 2199", text), encoding="utf-8")
    code, out, _ = call(capsys, "validate", str(case), "--lang", "zh")
    assert code == 0
    assert "incident_date: 2199" in out
    code, out, err = call(capsys, "assess", str(case), "--json")
    assert code == 0
    assert "incident_date: 2199" in one_message(err)
    assert "2199" not in json.dumps(json.loads(out)["notices"])


def test_existing_files_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.yaml"
    target.write_text("mine", encoding="utf-8")
    report = ("report", "bic-2025-doxxing", "-o")
    for command in (("new",), ("convert", str(old_case(tmp_path))), report):
        code, _, err = call(capsys, *command, str(target))
        assert code == 2
        assert "exists already" in one_message(err)
        assert target.read_text("utf-8") == "mine"
    target.chmod(0o444)
    code, _, err = call(capsys, "new", str(target), "--overwrite")
    assert code == 2
    assert "read-only" in one_message(err)
    target.chmod(0o644)
    assert call(capsys, "new", str(target), "--overwrite")[0] == 0
    assert call(capsys, "new", str(tmp_path / "no" / "x.yaml"))[0] == 2


def old_case(folder: Path) -> Path:
    """A case file of the first edition."""
    path = folder / "old.yaml"
    path.write_text(
        "schema: 1\nid: old\nproposition: shop\nstandard: 0.75\n"
        "sources: {shop: {kind: custodian, holds: [phone]}, web: {kind: inference}}\n"
        "victims: [{id: a, disclosed: [phone], profile: {anonymous: true}}]\n",
        encoding="utf-8",
    )
    return path


def test_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = old_case(tmp_path), tmp_path / "new.yaml"
    code, _, err = call(capsys, "assess", str(old))
    assert code == 2
    assert "convert" in one_message(err)
    code, out, _ = call(capsys, "convert", str(old), str(new))
    assert code == 0
    assert "written" in out
    assert call(capsys, "validate", str(new))[0] == 0
    code, _, err = call(capsys, "convert", str(old), str(old), "--overwrite")
    assert code == 2
    assert "is read for this" in one_message(err)


def test_validate_checks_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file has its own line and its notices; one that is wrong does not stop the others."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: 2\nid: 3\n", encoding="utf-8")
    code, out, err = call(
        capsys, "validate", str(wrong), "bic-2025-doxxing", "no-such-case", "pang-2017"
    )
    assert code == 2
    lines = [line for line in out.splitlines() if not line.startswith(" ")]
    assert [line.split(":")[0] for line in lines] == ["bic-2025-doxxing", "pang-2017"]
    assert "  · All listed further victims have this in common" in out
    first, second = err.splitlines()
    assert str(wrong) in first
    assert "no-such-case" in second


def test_standard_input() -> None:
    text = json.dumps(document()).encode()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, "assess", "-", "--json"],
        input=text, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["case"] == "small"
    bad = subprocess.run(
        [sys.executable, "-c", RUN, "validate", "-"],
        input=b"id: [",
        capture_output=True,
        check=False,
    )
    assert bad.returncode == 2
    assert "<stdin>" in one_message(bad.stderr.decode())


def test_python_m() -> None:
    from causation.version import VERSION

    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "causation", "--version"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().strip() == VERSION


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "--help")
    assert code == 0
    names = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert {"new", "import", "sensitivity", "plot", "assess", "report"} < names
    assert "..." not in out.partition("Commands:")[2]
    for command in names:
        assert f"  {command} " in out
        code, text, _ = call(capsys, command, "--help")
        assert code == 0
        assert "Usage" in text
        assert max(map(len, text.splitlines())) <= 80
        options = text.partition("Options:\n")[2].splitlines()
        assert all(line.startswith(("  -", "  <")) for line in options), text


# ------------------------------------------------------------------ hostile surroundings


def test_a_process_of_its_own() -> None:
    """Nothing on standard error, no warning, the same JSON in every process."""
    one = process("assess", "shen-2018", "--json")
    two = process("assess", "shen-2018", "--json", PYTHONHASHSEED="3")
    assert (one.returncode, one.stderr) == (0, b"")
    assert one.stdout == two.stdout
    bad = process("assess", "no-such-case")
    assert bad.returncode == 2
    assert one_message(bad.stderr.decode())


@pytest.mark.parametrize(
    ("encoding", "option"), [("ascii", ("--lang", "zh")), ("cp1252", ()), ("ascii", ("--json",))]
)
def test_terminals_that_lack_characters(encoding: str, option: tuple[str, ...]) -> None:
    done = process("assess", "bic-2025-doxxing", *option, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding)


@pytest.mark.parametrize("command", [("cases",), ("assess", "bic-2025-doxxing", "--json")])
def test_broken_pipe(command: tuple[str, ...]) -> None:
    """A reader that leaves at once is no failure, and nothing is said."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *command],
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode == 0


def test_file_names_that_are_not_text(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[31m.yaml"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, "assess", name], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stderr


def test_keys_with_control_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, **{"\x1b[2Jkey\u202e": 1})
    code, _, err = call(capsys, "assess", path)
    assert code == 2
    one_message(err)
