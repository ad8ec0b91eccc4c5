"""Reference pages written from the code and the shipped data, so that they cannot go stale.

python docs/generate.py FOLDER
"""

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer.main

import causation
import causation.terminal.cli
from causation.case import (
    bundled_cases,
    bundled_prior_sets,
    case_json_schema,
    load_case,
    load_fields,
    load_prior_set,
    load_profile_items,
    load_standards,
    load_templates,
    resolve,
    starter_case,
)
from causation.output import write_whole

MEANINGS: dict[str, dict[str, str]] = {
    "Case": {
        "schema": "version of the format: 1",
        "id": "identifier of the case: a letter, then letters, digits, `-` or `_`",
        "title": "title, a text or one for each language",
        "citation": "where the case is published",
        "note": "anything worth saying; it never enters the model",
        "incident_date": "day or year of the disclosure; needed where a certificate is stated",
        "proposition": "the source to be proved, or a list of them (joint liability)",
        "standard": "id of a standard of proof, or a number in (0, 1)",
        "priors": "name of a bundled prior set, or the path of another",
        "selection": "`selected`: the victims are known because exposed; `attempted`: all targets",
        "reference_profile": "share of the reference population that has each trait",
        "exhaustive": "true: no residual source is added",
        "fields": "fields of personal data that the vocabulary does not have",
        "persons": "persons whom a report shall not name",
        "sources": "the candidate sources by name, at least two",
        "victims": "groups of like victims; the first is the plaintiff",
        "security": "security records, by custodian",
        "findings": "further observations, each with its probability under every source",
        "inquiries": "what could still be found out, for `causation inquire`",
        "court_found": "what the court found, for comparison only",
    },
    "Source": {
        "kind": "`custodian`, `inference` or `residual`",
        "class": "`leaked_library` for a custodian that is a leaked database",
        "label": "what readers see",
        "holds": "fields that a custodian holds",
        "weight": "prior weight; only ratios between sources matter",
        "disclosure": "by field: in what share of its victims does the field appear",
        "membership": "by custodian: what share of its victims are users of that custodian",
        "odds_ratio": "by trait: odds ratio of disclosure (inference only)",
        "correlation": "how much its fields come together, 0 to 1",
        "misfit": "probability that it does not behave as elicited",
        "note": "anything worth saying",
    },
    "VictimGroup": {
        "id": "identifier of the group",
        "count": "number of victims in it",
        "label": "what readers see",
        "linkage": "probability that the group belongs to one series with the plaintiff",
        "disclosed": "fields that were disclosed",
        "not_disclosed": "fields known not to have been; a field in neither list is not known",
        "profile": "traits: true, false or a degree 0 to 1; absent means unknown",
        "users_of": "by custodian: whether the victims are its users",
    },
    "SecurityRecord": {
        "breach_rate": "Gamma distribution of the yearly breach rate of its class",
        "incidents": "known incidents in a number of years",
        "certification": "a certificate and its date",
    },
    "BreachRate": {"shape": "shape of the Gamma distribution", "rate": "its rate, in years"},
    "Incidents": {"count": "number of incidents", "years": "years looked at"},
    "Certification": {
        "scheme": "name of the scheme",
        "date": "day or year of the certificate",
        "hazard_ratio": "hazard ratio of a fresh certificate",
        "half_life": "years in which its effect halves, on the log scale",
        "reference": "how current a certificate the reference class has, 0 to 1",
    },
    "Finding": {
        "id": "identifier of the finding",
        "label": "what readers see",
        "template": "a bundled template that fills the likelihood",
        "about": "the source that the template is about",
        "likelihood": "by source: probability of the observation",
        "reliability": "probability that the evidence is what it seems",
        "group": "findings of one group stand or fall together",
        "repeats": "chance that later findings of the group only repeat its first",
    },
    "CaseInquiry": {
        "id": "identifier of the inquiry",
        "label": "what readers see",
        "outcomes": "by outcome and source: its probability; under each source they add up to 1",
        "reliability": "probability that the outcome is what it seems",
        "note": "anything worth saying",
    },
    "Citation": {"text": "how to cite it", "url": "where to read it"},
    "CustomField": {"label": "what readers see"},
    "CourtFound": {"established": "whether the court found the source", "note": "in what words"},
    "Person": {
        "name": "the name as it stands in the texts of the case",
        "pseudonym": "what reports print instead; one is made where none is stated",
    },
}
EVIDENCE = {
    "party": "who put it forward: `plaintiff`, `defendant` or `court`",
    "stage": "`prima_facie`, `rebuttal` or `reply`",
    "bears_on": "`source`, `conduct`, `fault` or `damage`; only the first enters the likelihood",
    "exhibit": "number of the exhibit",
    "note": "anything worth saying",
}

_COMMAND_NOTE = """`causation COMMAND --help` prints the same. Exit status: 0 done, 2 bad input or
usage (one message, nothing half written), 1 a failure of the program.
"""
_FORMAT_NOTE = """A case is a YAML or JSON file, UTF-8. Unknown keys are errors, and every error
names file, line and path. What a file leaves out is taken from its [prior set](priors.md); what it
states wins. A number may be single, or a central 90 % interval `[lo, hi]`.
"""
_NOTICE = "<!-- Written by docs/generate.py; changes are lost. -->\n\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; cells must not break it."""

    def line(cells: Iterable[object]) -> str:
        return (
            "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
        )

    return "\n".join([line(head), line("---" for _ in head), *(line(r) for r in rows)]) + "\n"


def _number(value: Any) -> str:
    return f"[{value[0]:g}, {value[1]:g}]" if isinstance(value, tuple) else f"{value:g}"


def command_page() -> str:
    """Every command of the command line with its arguments and options."""
    root = typer.main.get_command(causation.terminal.cli.app)
    parts = [
        "# Command line\n",
        _COMMAND_NOTE,
    ]
    for name, command in root.commands.items():
        usage, rows = f"causation {name}", []
        for parameter in command.params:
            if parameter.param_type_name == "argument":
                shown = _metavar(parameter)
                usage += f" {shown}"
                rows.append((f"`{shown}`", _help(parameter)))
            elif parameter.name != "help":
                usage = usage if usage.endswith("[OPTIONS]") else f"{usage} [OPTIONS]"
                rows.append((f"`{', '.join(parameter.opts)}`", _help(parameter)))
        parts += [f"## {name}\n", f"{command.help}\n", f"```console\n$ {usage}\n```\n"]
        if rows:
            parts.append(_table(("argument or option", "what it is"), rows))
    return "\n".join(parts)


def _metavar(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.rstrip("_").upper()
    return f"{name}..." if parameter.nargs == -1 else name


def _help(parameter: Any) -> str:
    text = parameter.help or ""
    default = parameter.default
    plain = default not in (None, False, ()) and not callable(default)
    if plain and parameter.param_type_name == "option" and "Sentinel" not in type(default).__name__:
        value = getattr(default, "value", default)
        text += f" Default: `{value}`."
    return text


def format_page() -> str:
    """The case format, from its JSON Schema."""
    schema = case_json_schema()
    parts = [
        "# Case files\n",
        _FORMAT_NOTE,
        "`causation new FILE` writes this starter:\n",
        f"```yaml\n{starter_case()}```\n",
    ]
    tables = {"Case": schema, **{k: v for k, v in schema["$defs"].items() if "properties" in v}}
    for name, part in tables.items():
        known = MEANINGS.get(name, {}) | (EVIDENCE if "bears_on" in part["properties"] else {})
        required = part.get("required", [])
        rows = [
            (f"`{key}`", _type(value), "yes" if key in required else "", known.get(key, ""))
            for key, value in part["properties"].items()
        ]
        parts += [f"## {name}\n", f"{_plain(part.get('description', ''))}\n"]
        parts.append(_table(("key", "value", "required", "meaning"), rows))
    return "\n".join(parts)


def _plain(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return f"`{value['$ref'].rpartition('/')[2]}`"
    options = value.get("anyOf") or value.get("oneOf")
    if options:
        shown = dict.fromkeys(_type(o) for o in options if o.get("type") != "null")
        return " or ".join(shown)
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{v}`" for v in value["enum"])
    kind = value.get("type")
    if kind == "array" and "prefixItems" in value:
        return "interval"
    if kind == "array":
        return f"list of {_type(value.get('items', {}))}"
    if kind == "object":
        patterns = list(value.get("patternProperties", {}).values())
        inner = patterns[0] if patterns else value.get("additionalProperties")
        return f"mapping to {_type(inner)}" if isinstance(inner, dict) else "text by language"
    if isinstance(kind, list):
        return "text"
    names = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    return names.get(str(kind), "number" if kind else "anything")


def standards_page() -> str:
    """The table of standards of proof."""
    rows = [
        (f"`{s.id}`", f"{s.threshold:g}", s.label["en"], s.label["zh"], s.basis["en"], s.status)
        for s in load_standards()
    ]
    return (
        "# Standards of proof\n\nNo Chinese official source gives 高度可能性 a number. The "
        "threshold is a parameter; every result is shown against the whole table.\n\n"
        + _table(("id", "threshold", "English", "中文", "basis", "status"), rows)
    )


def vocabulary_page() -> str:
    """Fields of personal data, traits, and finding templates."""
    fields = [(f"`{f.id}`", f.label["en"], f.label["zh"]) for f in load_fields().values()]
    items = [
        (f"`{i.id}`", i.label["en"], i.label["zh"], i.explanation["en"])
        for i in load_profile_items().values()
    ]
    parts = [
        "# Fields, traits and templates\n",
        "## Fields of personal data\n",
        "A case may define more under `fields`.\n",
        _table(("id", "English", "中文"), fields),
        "## Traits of a profile\n",
        "Traits act on inference from public traces only.\n",
        _table(("id", "English", "中文", "meaning"), items),
        "## Templates of findings\n",
        "Probability by the role of a source: `named` is the source that the finding is about.\n",
    ]
    for template in load_templates().values():
        rows = [(f"`{r}`", _number(e.value), e.basis["en"]) for r, e in template.likelihood.items()]
        rows.append(
            ("reliability", _number(template.reliability.value), template.reliability.basis["en"])
        )
        parts += [
            f"### {template.id}\n",
            f"{template.label['en']} ({template.label['zh']}). {template.explanation['en']}\n",
            _table(("source", "90 % interval", "basis"), rows),
        ]
    return "\n".join(parts)


def priors_page() -> str:
    """The bundled prior sets, side by side."""
    sets = {name: load_prior_set(name).model_dump() for name in bundled_prior_sets()}
    rows: dict[str, dict[str, str]] = {}
    bases: dict[str, str] = {}
    for name, values in sets.items():
        for path, entry in _entries(values):
            rows.setdefault(path, {})[name] = _number(entry["value"])
            if name == "neutral":
                bases[path] = entry["basis"]["en"]
    table = [
        (f"`{path}`", *(found.get(name, "") for name in sets), bases.get(path, ""))
        for path, found in rows.items()
    ]
    return (
        "# Prior sets\n\nEvery number that a case may leave out. `neutral` is set from reports and "
        "studies where there are any and by judgement elsewhere; `claimant` and `respondent` are "
        "what either side could defend. The basis is that of the neutral set.\n\n"
        + _table(("number", *sets, "basis"), table)
    )


def _entries(values: Any, path: str = "") -> Iterable[tuple[str, dict[str, Any]]]:
    if isinstance(values, dict) and "value" in values and "basis" in values:
        yield path, values
    elif isinstance(values, dict):
        for key, inner in values.items():
            yield from _entries(inner, f"{path}.{key}" if path else str(key))


def cases_page() -> str:
    """The bundled cases."""
    rows = []
    for name in bundled_cases():
        case = resolve(load_case(name))
        rows.append(
            (f"`{name}`", case.title["en"], case.title["zh"], " or ".join(case.proposition))
        )
    return "# Bundled cases\n\n" + _table(("id", "English", "中文", "proposition"), rows)


def api_page() -> str:
    """The public names, by what they are for."""
    groups: dict[str, list[str]] = {}
    homes = vars(causation)["_HOME"]
    for name in causation.__all__:
        if not name.startswith("_"):
            groups.setdefault(homes[name].split(".")[1], []).append(name)
    parts = ["# Public names\n", "`from causation import ...`; each is loaded on first use.\n"]
    for home, names in sorted(groups.items()):
        listed = "\n".join(f"   {n}" for n in names)
        parts.append(
            f"## {home}\n\n```{{eval-rst}}\n.. currentmodule:: causation\n\n"
            f".. autosummary::\n   :toctree: api\n\n{listed}\n```\n"
        )
    return "\n".join(parts)


def modules_page() -> str:
    """Further modules that are meant to be imported."""
    modules = [
        "analyses.dependence", "analyses.prior_curve", "case.tables", "dossier.labels",
        "dossier.tables", "errors", "evidence", "evidence.base", "inference.integrate",
        "inference.trees", "notebook.display", "notebook.exploring", "notebook.widgets", "output",
        "plots", "scales", "sweeping.accessor",
    ]  # fmt: skip
    parts = ["# Modules\n"]
    for module in modules:
        listed = f".. automodule:: causation.{module}\n   :members:\n   :noindex:\n"
        parts.append(f"## causation.{module}\n\n```{{eval-rst}}\n{listed}```\n")
    return "\n".join(parts)


def inventory_page() -> str:
    """Every module with the first sentence of its docstring."""
    root = Path(causation.__file__).parent
    rows = []
    for path in sorted(root.rglob("*.py")):
        name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        rows.append((f"`{name.removesuffix('.__init__')}`", _plain(doc)))
    return "# Inventory of modules\n\n" + _table(("module", "what it is"), rows)


PAGES: dict[str, Callable[[], str]] = {
    "api": api_page,
    "cases": cases_page,
    "case-format": format_page,
    "cli": command_page,
    "inventory": inventory_page,
    "modules": modules_page,
    "priors": priors_page,
    "standards": standards_page,
    "vocabulary": vocabulary_page,
}
"""Every generated page by its name."""


def write_reference(folder: Path) -> None:
    """Write the pages that have changed."""
    import causation.terminal.cli  # noqa: F401  (the module whose commands are listed)

    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", _NOTICE + page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)


if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))
