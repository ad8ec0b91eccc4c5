"""Which prior set a case may name by path, and what is said of a file that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from causation.case import build_case, data_path, fill, load_case, load_prior_set, parse_case
from causation.errors import CaseError
from tests.build import document

NEUTRAL = data_path("priors", "neutral.yaml").read_text("utf-8").replace("id: neutral", "id: mine")
OTHER = "admin:x:0:0:hunter2:/home:/bin/sh\nschemer: hunter2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a case in it; a prior set beside it, below it and above it."""
    inside = tmp_path / "case"
    (inside / "sets").mkdir(parents=True)
    for place in (tmp_path, inside, inside / "sets"):
        (place / "mine.yaml").write_text(NEUTRAL, encoding="utf-8")
    return inside


def case_naming(folder: Path, priors: str) -> Path:
    file = folder / "case.json"
    file.write_text(json.dumps(document(priors=priors)), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "priors", ["./mine.yaml", "mine.yaml", "sets/mine.yaml", "sets/../mine.yaml"]
)
def test_below_its_own_folder(priors: str, folder: Path) -> None:
    assert fill(load_case(case_naming(folder, priors))).priors.id == "mine"


@pytest.mark.parametrize(
    "priors", ["../mine.yaml", "/etc/passwd", "sets/../../mine.yaml", "link/mine.yaml", "/dev/zero"]
)
def test_elsewhere(priors: str, folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent, target_is_directory=True)
    file = case_naming(folder, priors)
    with pytest.raises(CaseError, match="outside the folder of the case") as caught:
        load_case(file)
    assert (caught.value.file, caught.value.path) == (str(file), "priors")
    assert caught.value.line is not None
    assert "passwd" not in str(caught.value).removeprefix(str(file))


def test_an_explicit_option_may_name_any(folder: Path) -> None:
    outside = folder.parent / "mine.yaml"
    case = load_case(case_naming(folder, "neutral"))
    assert fill(case, priors=outside).priors.id == "mine"
    made = build_case("a", victims=[{"id": "b", "disclosed": ["phone"]}], priors=str(outside))
    assert fill(made).priors.id == "mine"  # made in code: nobody else's file names it


def test_a_case_without_a_file_names_sets_below_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    text = json.dumps(document(priors="sets/mine.yaml"))
    assert fill(parse_case(text)).priors.id == "mine"
    with pytest.raises(CaseError, match="outside the folder"):
        parse_case(json.dumps(document(priors="/etc/passwd")), file="<stdin>")


@pytest.mark.parametrize("name", ["secret.yaml", "secret.json"])
def test_nothing_of_another_file_is_quoted(name: str, folder: Path) -> None:
    other = folder / name
    other.write_text(OTHER, encoding="utf-8")
    for call in (
        lambda: load_prior_set(other),
        lambda: fill(load_case(case_naming(folder, name))),
        lambda: fill(load_case("shen-2018"), priors=str(other)),
    ):
        with pytest.raises(CaseError, match="not a prior set") as caught:
            call()
        for word in ("admin", "hunter2", "schemer", "/bin/sh"):
            assert word not in str(caught.value)


def test_what_is_wrong_with_a_prior_set_is_still_said(folder: Path) -> None:
    file = folder / "mine.yaml"
    file.write_text(NEUTRAL.replace("weights:", "wieghts:", 1), encoding="utf-8")
    with pytest.raises(CaseError, match="did you mean weights"):
        load_prior_set(file)
