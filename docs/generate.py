"""Reference pages written from the code and the shipped data, so that they cannot go stale.

python docs/generate.py FOLDER
"""

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer.main
import yaml

import causation
import causation.terminal.cli
from causation.case import (
    bundled_cases,
    bundled_prior_sets,
    case_json_schema,
    fill,
    load_case,
    load_fields,
    load_prior_set,
    load_standards,
    load_templates,
    load_traits,
    starter_case,
)
from causation.case.library import load_inquiries, shipped
from causation.document.shipped import data_path
from causation.dossier.contract import assessment_json_schema
from causation.output import write_whole

MEANINGS: dict[str, dict[str, str]] = {
    "Case": {
        "schema": "version of the format: 2",
        "id": "identifier of the case: a letter, then letters, digits, `-` or `_`",
        "title": "title, a text or one for each language",
        "citation": "where the case is published",
        "note": "anything worth saying; it never enters the model",
        "persons": "persons whom a report shall not name",
        "jurisdiction": "standards, norms and wording of the report; `kr`, `none` state one",
        "incident_date": "first publication; needed where dates or certificates are stated",
        "proposition": "what is to be proved: a source, a list of them, or a claim",
        "standard": "id of a standard of proof, or a number in (0, 1)",
        "priors": "name of a bundled prior set, or the path of another",
        "exhaustive": "true: no source is added to those listed",
        "account_of": "custodian whose account `account_link` is; by default the proposition's",
        "fields": "fields that no entry names, or that the vocabulary does not have",
        "actor": "what the actor does, whichever his route",
        "routes": "by pair `entrance/second`: share that goes on; or `single`",
        "sources": "the candidate sources by name",
        "victims": "victims, or groups of like ones; the first plaintiff makes the case",
        "security": "security records, by custodian",
        "findings": "further observations, each with its probability under every source",
        "inquiries": "what could still be found out, for `causation inquire`",
        "variants": "other readings of the facts, assessed beside the case",
        "court_found": "what a court decided, or a list of decisions; for comparison only",
        "agreement": "*advanced*: how often values agree with a register: `own`, others' by field",
        "background": "*advanced*: weights by route of what befalls strangers",
    },
    "Claim": {
        "source": "a source, or a list of them (a union)",
        "role": "`role` (entrance, or supplied something), `entrance`, `alone`, `supplied`, `sole`",
        "fields": "for `supplied` and `sole`: all of these",
        "any": "true: at least one of them",
        "victim": "of which victim; by default the first plaintiff",
    },
    "Actor": {
        "publishes": "share that he publishes of what he has",
        "traits": "by trait: share of his hunting ground that has it",
        "users": "by custodian: share of his hunting ground that are its users",
        "linkage": "share of the listed further victims that belong to the series",
    },
    "Source": {
        "kind": "`custodian`, `leaked_library`, `inference` or `residual`",
        "label": "what readers see",
        "holds": "fields that it holds; a library without it is a typical one",
        "weight": "share of exposures that start here; the kind's for a library or inference",
        "one_service": "custodians with the same name here share one weight",
        "share": "its part of the weight of its kind",
        "origin": "by custodian: share of a library that descends from an old leak of it",
        "disclosure": "by field: in what share of those exposed through it does it give the field",
        "odds_ratio": "by trait, for inference: odds of the trait among its victims",
        "correlation": "how much its fields come together, 0 to 1",
        "misfit": "probability that it does not behave as elicited",
        "note": "anything worth saying",
        "disclosure_not_user": "*advanced*: the same for those known not to be its users",
        "loadings": "*advanced*: by field, -1 to 1: how it goes with the source's other fields",
        "membership": "*advanced*: probability that those exposed through it are its users",
        "reach": "share of those chosen that it reaches, where `known_by` is `attempt`",
        "age": "*advanced*: age of its data in days at the first publication",
    },
    "VictimGroup": {
        "id": "identifier of the victim or group",
        "count": "number of like victims",
        "label": "what readers see",
        "plaintiff": "true for plaintiffs; required where there are several groups",
        "linkage": "probability of belonging to the series, in place of the actor's",
        "known_by": "how further victims came to be known: `exposure`, `attempt`, or an event",
        "disclosed": "fields that were published",
        "not_disclosed": "fields known not to have been; one in neither list is not known",
        "redacted": "fields shown blacked out",
        "traits": "true, false or a degree 0 to 1; absent means unknown",
        "users_of": "custodians whose users the victims are",
        "not_users_of": "custodians whose users they are known not to be",
        "posted": "when their data were published; by default the incident date",
        "record": "published values against registers",
        "dates": "by field: when the published value was the true one",
    },
    "ListedBy": {
        "users_of": "users of these custodians",
        "traits": "persons with these traits",
        "published_all": "persons of whom all of these fields were published",
        "published_any": "persons of whom any of these fields was published",
    },
    "Register": {
        "of": "sources that share the register",
        "agrees": "published fields whose value agrees with it",
        "differs": "published fields whose value does not",
        "not_compared": "published fields that nobody compared",
    },
    "DateWindow": {"since": "a day, a month or a year", "until": "likewise"},
    "SecurityRecord": {
        "size": "size class of the firm, whose breach rate is taken",
        "breach_rate": "Gamma distribution of the yearly breaches of its class",
        "detection": "share of breaches that become known",
        "incidents": "known incidents before the disclosure",
        "certification": "a certificate, or `none`",
    },
    "BreachRate": {"shape": "shape of the Gamma distribution", "rate": "its rate, in years"},
    "Incidents": {
        "count": "number of incidents",
        "dates": "or when they were; those after the disclosure do not count",
        "years": "years looked at",
    },
    "Certification": {
        "scheme": "name of the scheme",
        "date": "when it was given",
        "expires": "an expired one counts as not stated",
        "hazard_ratio": "hazard ratio of a fresh certificate",
        "half_life": "years in which its effect halves, on the log scale",
        "reference": "how current a certificate the reference class has, 0 to 1",
    },
    "Finding": {
        "id": "identifier of the finding",
        "label": "what readers see",
        "template": "a bundled template that fills the likelihood",
        "inquiry": "or an inquiry that was made",
        "outcome": "and what came of it",
        "about": "the source or sources that it is about; a chain takes the first in it",
        "likelihood": "by source, or by route: probability of the observation",
        "reliability": "probability that the evidence is what it seems",
        "group": "findings of one group stand or fall together",
        "overlap": "chance that of the group only one tells something",
        "count": "number of like observations",
        "repeats": "chance that like observations repeat one",
    },
    "CaseInquiry": {
        "id": "identifier of the inquiry",
        "label": "what readers see",
        "outcomes": "by outcome and source: its probability; under each source they add up to 1",
        "about": "the sources that it is about",
        "reliability": "probability that the outcome is what it seems",
        "note": "anything worth saying",
    },
    "Variant": {
        "label": "what readers see",
        "basis": "why the facts may be read so",
        "source": "what supports it",
        "status": "`V` seen in public text, `U` not verified, `S` stated, `judgement`",
        "binding": "true: it has to reach the standard for a robust verdict",
        "set": "by path: what is stated otherwise",
        "unset": "paths that are taken away",
    },
    "Citation": {"text": "how to cite it", "url": "where to read it"},
    "FieldName": {
        "id": "identifier of the field",
        "label": "what readers see",
        "implies": "fields that are certain once this one is published",
    },
    "CourtFound": {
        "established": "whether the proposition was found, or is known, to be true",
        "stage": "`standing`, `pleading`, `trial`, `appeal`; `control`: no court, known otherwise",
        "victim": "the group that it is about; the proposition's where left out",
        "burden": "who had to prove it: `plaintiff` (the rule) or `defendant`",
        "note": "in what words",
    },
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
states wins. Keys marked *advanced* are rarely needed.

A date is a day, a month `2021-11` or a year. A **quantity** is a number, a central 90 % interval
`[lo, hi]`, or either with what it rests on:

| form | what it is |
| --- | --- |
| `0.3`, `[0.1, 0.5]` | the number or interval |
| `{value: [0.1, 0.5], basis, source, status, n}` | with its basis |
| `{counts: [[3, 10], [9, 12]], relevance: 0.5, source}` | k of n by incident |
| `{count: 61, of: 100, spread: [0.3, 0.9], relevance: 0.5}` | a pooled count |
| `{experts: [{name, value}, ...], pool: linear, weights, group}` | experts |
| `{data: hibp.phone, relevance: 0.5}` | a row of a table of data |

All may have `basis`, `source`, `status` and `n` beside them. Counts by incident come to the
interval of the next incident. A pooled count without `spread` moves the centre only; it may be
`all_or_nothing`. Experts are pooled: `linear`, `log` or `quantile`; `median` and `rationale` may
stand with each, and `group` is what they agreed on. Counts are of probabilities. See
[Numbers and where they come from](../../explanation/numbers.md).
"""
_ASSESSMENT_NOTE = """Several `--priors` print a mapping of such objects by set. Probabilities lie
in [0, 1]; a logarithm names its base; what is infinite, excluded or cannot be computed is `null`.
The schema itself is `causation.dossier.contract.assessment_json_schema()`, in the package as
`data/assessment.schema.json`.
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
    if isinstance(value, tuple):
        return f"[{value[0]:g}, {value[1]:g}]"
    return value if isinstance(value, str) else f"{value:g}"


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
    for name, part in format_tables(schema).items():
        known = MEANINGS.get(name, {}) | (EVIDENCE if "bears_on" in part["properties"] else {})
        required = part.get("required", [])
        rows = [
            (f"`{key}`", _type(value), "yes" if key in required else "", known.get(key, ""))
            for key, value in part["properties"].items()
        ]
        parts += [f"## {name}\n", f"{_plain(part.get('description', ''))}\n"]
        parts.append(_table(("key", "value", "required", "meaning"), rows))
    return "\n".join(parts)


def assessment_page() -> str:
    """What ``assess --json`` prints, from its JSON Schema."""
    schema = assessment_json_schema()
    parts = ["# JSON of an assessment\n", f"{schema['description']}\n", _ASSESSMENT_NOTE]
    for name, part in format_tables(schema).items():
        required = part.get("required", [])
        rows = [
            (f"`{key}`", _type(value), "yes" if key in required else "", _said(schema, value))
            for key, value in part["properties"].items()
        ]
        title = "Assessment" if part is schema or name == "Case" else name
        parts += [f"## {title}\n"]
        if title != "Assessment":
            parts += [f"{part['description']}\n"]
        parts.append(_table(("key", "value", "always", "meaning"), rows))
    return "\n".join(parts)


def _said(schema: dict[str, Any], value: dict[str, Any]) -> str:
    """What a value means: in its own words, else in those of its part."""
    if "description" in value:
        return str(value["description"])
    if value.get("type") == "array":
        return _said(schema, value["items"])
    if "$ref" not in value:
        return ""
    part = schema["$defs"][value["$ref"].rpartition("/")[2]]
    return str(part.get("description", ""))


def format_tables(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every part of a case that has keys, by its name."""
    found = {"Case": schema}
    for name, part in schema["$defs"].items():
        forms = [part, *part.get("anyOf", ())]
        keyed = next((form for form in forms if "properties" in form), None)
        if keyed is not None:
            found[name] = keyed
    return found


def _plain(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return f"`{value['$ref'].rpartition('/')[2]}`"
    options = value.get("anyOf") or value.get("oneOf")
    if options and any("value" in o.get("properties", {}) for o in options):
        return "quantity"
    if options and any(o.get("pattern", "").startswith("^[0-9]{4}") for o in options):
        return "date"
    if options:
        shown = dict.fromkeys(_type(o) for o in options if o.get("type") != "null")
        return " or ".join(shown)
    if "const" in value:
        return f"`{value['const']}`"
    if {"en", "zh"} <= value.get("properties", {}).keys():
        return "text by language"
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
        return f"mapping to {_type(inner)}" if isinstance(inner, dict) and inner else "mapping"
    if isinstance(kind, list):
        named = [_type({"type": k}) for k in kind if k != "null"]
        return " or ".join(dict.fromkeys(named))
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
    fields = [
        (f"`{f.id}`", f.label["en"], f.label["zh"], ", ".join(f"`{i}`" for i in sorted(f.implies)))
        for f in load_fields().values()
    ]
    table = shipped("columns.yaml")
    also = [(f"`{name}`", ", ".join(words)) for name, words in table["also"].items()]
    several = [
        (heading, ", ".join(f"`{key}`" for key in keys))
        for heading, keys in table["several"].items()
    ]
    items = [
        (f"`{i.id}`", i.label["en"], i.label["zh"], i.explanation["en"])
        for i in load_traits().values()
    ]
    parts = [
        "# Fields, traits and templates\n",
        "## Fields of personal data\n",
        "A case may define more under `fields`.\n",
        _table(("id", "English", "中文", "implies"), fields),
        "## Headings of tables of victims\n",
        "Beside the names and labels of fields and traits, in any case and width.\n",
        f"Words around one that ask what is asked anyway: {', '.join(table['around'])}.\n",
        _table(("meant", "headings"), also),
        "These may mean several; they are refused, and those are named.\n",
        _table(("heading", "may mean"), several),
        "## Traits\n",
        "A trait changes the odds of an entrance by inference.\n",
        _table(("id", "English", "中文", "meaning"), items),
        "## Templates of findings\n",
        "Probability by the kind of a source: `named` is one that the finding is about.\n",
    ]
    for template in load_templates().values():
        rows = [(f"`{r}`", _number(e.value), e.basis["en"]) for r, e in template.likelihood.items()]
        rows.append(
            ("reliability", _number(template.reliability.value), template.reliability.basis["en"])
        )
        parts += [
            f"### {template.id}\n",
            f"`{template.id}`: {_told(template)}\n",
            _table(("source", "90 % interval", "basis"), rows),
        ]
    return "\n".join(parts)


def _told(template: Any) -> str:
    label = template.label
    return f"{label['en']} ({label['zh']}). {template.explanation['en']}"


def data_page() -> str:
    """Tables of data that numbers may refer to, and inquiries with what may come of them."""
    rows = []
    for path in sorted(data_path("tables").iterdir()):
        if path.suffix == ".yaml":
            table = yaml.safe_load(path.read_text(encoding="utf-8"))
            rows.append((f"`{path.name}`", table["title"]["en"], table["title"]["zh"]))
        else:
            lines = len(path.read_text(encoding="utf-8").splitlines()) - 1
            rows.append((f"`{path.name}`", f"{lines} rows that a table is counted from", ""))
    inquiries = [
        (
            f"`{i.id}`",
            i.label["en"].format(about="the source"),
            i.label["zh"].format(about="该来源"),
            "; ".join(f"`{o}`: {text['en']}" for o, text in i.outcomes.items()),
        )
        for i in load_inquiries().values()
    ]
    return "\n".join(
        [
            "# Data and inquiries\n",
            "## Tables of data\n",
            "A number may refer to a row: `{data: hibp.phone}`.\n",
            _table(("file", "English", "中文"), rows),
            "## Inquiries\n",
            "`causation inquire CASE` ranks them; an outcome is entered as a finding.\n",
            _table(("id", "English", "中文", "outcomes"), inquiries),
        ]
    )


def priors_page() -> str:
    """The bundled prior sets, side by side."""
    sets = {name: load_prior_set(name) for name in bundled_prior_sets()}
    rows: dict[str, dict[str, str]] = {}
    bases: dict[str, str] = {}
    for name, values in sets.items():
        for path, entry in values.entries().items():
            rows.setdefault(path, {})[name] = _number(entry.value)
            if name == "neutral":
                bases[path] = entry.basis["en"]
    table = [
        (f"`{path}`", *(found.get(name, "") for name in sets), bases.get(path, ""))
        for path, found in rows.items()
    ]
    return (
        "# Prior sets\n\nEvery number that a case may leave out. `neutral` is set from reports and "
        "studies where there are any and by judgement elsewhere; `claimant` and `respondent` are "
        "mirrors of each other, what either side could defend; `data-based` has counts where there "
        "are any, see [Numbers and where they come from](../../explanation/numbers.md). "
        "The basis is that of the neutral set.\n\n" + _table(("number", *sets, "basis"), table)
    )


def cases_page() -> str:
    """The bundled cases."""
    rows = []
    for name in bundled_cases():
        case = fill(load_case(name))
        claim = " or ".join(case.proposition.sources)
        rows.append((f"`{name}`", case.title["en"], case.title["zh"], claim))
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
        "analyses.contributions", "analyses.dependence", "analyses.prior_curve",
        "analyses.redrawn", "analyses.variants", "case.tables", "document.numbers",
        "dossier.labels", "dossier.tables", "errors", "evidence",
        "evidence.base", "inference.integrate", "inference.trees", "model.structure",
        "notebook.display", "notebook.exploring", "notebook.widgets", "output", "plots", "scales",
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
    "assessment-json": assessment_page,
    "cases": cases_page,
    "case-format": format_page,
    "cli": command_page,
    "data": data_page,
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
