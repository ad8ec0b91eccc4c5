"""Documentation that cannot go stale: every name, command, kind and module has its place."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

import causation
from causation.case import case_json_schema
from causation.evidence import KINDS
from causation.terminal.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    p
    for p in DOCS.rglob("*.md")
    if not {"_build", "generated", "notebooks", "validation"} & set(p.relative_to(DOCS).parts)
)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_public_names_are_sorted_and_load() -> None:
    assert list(causation.__all__) == sorted(causation.__all__)
    assert dir(causation) == sorted(causation.__all__)
    for name in causation.__all__:
        assert getattr(causation, name) is not None


@pytest.mark.parametrize("name", [n for n in causation.__all__ if not n.startswith("_")])
def test_public_name_has_docstring_with_example(name: str) -> None:
    thing = getattr(causation, name)
    assert thing.__doc__
    assert ">>>" in thing.__doc__ or name in WITHOUT_EXAMPLE, name


WITHOUT_EXAMPLE: frozenset[str] = frozenset()


def test_every_command_has_help_and_stands_in_the_reference(generate: ModuleType) -> None:
    page = generate.command_page()
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert len(commands) >= 10
    for name, command in commands.items():
        assert command.help, name
        assert f"## {name}\n" in page
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_every_key_of_a_case_has_a_meaning(generate: ModuleType) -> None:
    tables = generate.format_tables(case_json_schema())
    keys = {(name, key) for name, part in tables.items() for key in part["properties"]}
    said = {(name, key) for name, part in generate.MEANINGS.items() for key in part}
    assert {k for k in keys - said if k[1] not in generate.EVIDENCE} == set()
    assert said - keys == set()


def test_every_generated_page_is_in_the_reference(generate: ModuleType) -> None:
    index = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
    for name in generate.PAGES:
        assert f"generated/{name}\n" in index


def test_every_kind_of_evidence_is_explained() -> None:
    model = (DOCS / "explanation" / "model.md").read_text(encoding="utf-8").lower()
    for name in [*(kind.name for kind in KINDS), "findings", "security record"]:
        assert f"## {name}" in model, name


def test_every_section_of_the_model_on_an_assumption_says_when_it_fails() -> None:
    model = (DOCS / "explanation" / "model.md").read_text(encoding="utf-8")
    sections = {s.partition("\n")[0]: s for s in model.split("\n## ")[1:]}
    silent = {name for name, text in sections.items() if "*When it fails.*" not in text}
    assert silent == {
        "The answer",
        "How robust it is",
        "What must change nothing",
        "How it is computed",
        "What the model does not say",
    }


def test_architecture_lists_the_rooms_in_their_order() -> None:
    from tests.test_layers import ROOMS

    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    block = page.split("## Rooms")[1].split("## Walk")[0]
    listed = [
        word
        for line in re.findall(r"^    (\S.*)$", block, flags=re.MULTILINE)
        for word in re.split(r" {3,}", line)[0].split()
    ]
    rooms = [name for room in ROOMS for name in room if "." not in name]
    assert listed == [name for name in rooms if name != "__main__"]


def test_modules_that_the_architecture_walks_through_exist() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    walked = re.findall(r"`((?:\w+/)?\w+\.py)`", page)
    assert len(walked) > 12
    root = ROOT / "causation"
    for name in walked:
        assert any(root.rglob(name)), name


def test_inventory_of_modules_is_the_code() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE))
    package = ROOT / "causation"
    found = {p.stem for p in package.glob("*.py")} | {
        p.parent.name for p in package.glob("*/__init__.py")
    }
    assert listed == found - {"__init__", "__main__"}


def test_every_module_says_what_it_is() -> None:
    for path in (ROOT / "causation").rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_every_figure_is_in_the_gallery_and_every_picture_has_one() -> None:
    from causation import plots
    from causation.terminal import drawing

    cells = json.loads((ROOT / "notebooks" / "06-gallery.ipynb").read_text(encoding="utf-8"))
    drawn = set(re.findall(r"plots\.(plot_\w+)\(", json.dumps(cells)))
    assert drawn == set(plots.__all__)
    for picture in drawing.PICTURES:
        assert callable(drawing.drawing(picture))


def test_every_template_inquiry_and_file_of_data_is_in_the_reference(generate: ModuleType) -> None:
    from causation.case import data_path
    from causation.case.library import load_inquiries, load_templates

    page = "".join(write() for write in generate.PAGES.values())
    for name in (*load_templates(), *load_inquiries()):
        assert f"`{getattr(name, 'id', name)}`" in page, name
    for path in sorted(data_path("tables").iterdir()):
        assert f"`{path.name}`" in page or f"`{path.stem}`" in page, path.name
    for path in (*data_path("cases").iterdir(), *data_path("priors").iterdir()):
        assert path.stem in page, path.name


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_internal_links_lead_somewhere(page: Path, generate: ModuleType) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        if "generated/" in path:
            assert Path(path).stem in generate.PAGES, target
            continue
        file = (page.parent / path) if path else page
        assert file.is_file(), target
        if anchor:
            assert anchor in _anchors(file.read_text(encoding="utf-8")), target


def test_every_page_is_reached_from_a_table_of_contents() -> None:
    reached: set[Path] = {DOCS / "index.md"}
    for page in PAGES:
        for block in re.findall(
            r"```\{toctree\}(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            for line in block.splitlines():
                entry = line.strip()
                if entry and not entry.startswith(":"):
                    reached |= set(page.parent.glob(f"{entry}.md"))
    assert {p.resolve() for p in PAGES} - {p.resolve() for p in reached} == set()


def test_readme_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (ROOT / target).is_file(), target
    assert "make assess" in text
    assert "make test" in text


def test_notebooks_are_without_outputs_each_with_an_assertion() -> None:
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert len(paths) >= 5
    index = (DOCS / "tutorial" / "index.md").read_text(encoding="utf-8")
    for path in paths:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert f"../notebooks/{path.stem}\n" in index
        code = [c for c in cells if c["cell_type"] == "code"]
        assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)
        assert "assert " in "".join(cells[-1]["source"]), path.name
