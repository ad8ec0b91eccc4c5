"""Annexes: case file, inputs with sources, published results, versions; the numbers as data."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from causation.document.shipped import data_path
from causation.dossier.labels import pick
from causation.report.content.context import Context
from causation.report.document import Attachment, Block, Code, Ref, Row
from causation.report.language import from_yaml
from causation.report.privacy import safe

if TYPE_CHECKING:
    from causation.report.quantities import Quantity

NUMBERS = "numbers.csv"
"""Name of the attached file with every number of the report."""


def case_file(c: Context) -> Iterator[Block]:
    """The case file, as it is embedded."""
    digest = hashlib.sha256(c.case_text.encode()).hexdigest()
    sha = c.registry.word("digest.embedded", digest, name=c.text("annexes.case.heading"))
    yield c.paragraph("annexes.case.text", sha=sha)
    if c.redacted:
        yield c.paragraph("annexes.case.redacted")
    yield Code(safe(c.case_text, lines=True))


def inputs(c: Context) -> Iterator[Block]:
    """Every number that the model reads, with its origin and basis."""
    sd = c.registry.stated("elicitation_sd", c.filled.elicitation_sd)
    yield c.paragraph("annexes.inputs.text", sd=sd)
    rows: list[Row] = []
    for number in c.assessment.model.numbers:
        path = Ref(number.path)
        shown = c.stated(f"input.{number.path}", number, name=path)
        rows.append(((path,), shown, c.origin(number), c.why(number)))
    priors = c.filled.priors
    entry = priors.elicitation_sd
    rows.append(
        (
            (Ref("elicitation_sd"),),
            sd,
            c.text("origin.priors", set=c.prior_set(priors.name)),
            (c.said_in(entry.basis),),
        )
    )
    yield c.table("t-inputs", rows)


def selftest(c: Context) -> Iterator[Block]:
    """Published results, and what comes out here."""
    q = c.registry
    names = from_yaml(data_path("published", "expected.yaml"))["names"]
    found = c.results.selftest
    yield c.paragraph(
        "annexes.selftest.text",
        passed=q.stated("selftest_passed", sum(agrees for *_, agrees in found["rows"])),
        total=q.stated("selftest_total", len(found["rows"])),
        date=q.word("selftest_date", found["date"]),
    )
    rows: list[Row] = []
    for number, (label, published, ours, agrees) in enumerate(found["rows"]):
        name = Ref(pick(names.get(label, {}), c.language.name, name=label))
        rows.append(
            (
                (name,),
                q.printed(f"selftest_published.{number}", published, name=name),
                q.printed(f"selftest_ours.{number}", ours, name=name),
                c.text("answer.yes" if agrees else "answer.no"),
            )
        )
    yield c.table("t-selftest", rows)


def provenance(c: Context) -> Iterator[Block]:
    """What is needed to compute the report again."""
    p = c.assessment.provenance
    q = c.registry
    label = "annexes.provenance"

    def word(key: str, name: str, value: str) -> Row:
        title = c.text(f"{label}.{name}")
        return (title, q.word(key, value, name=title))

    settings = c.assessment.settings
    rows: list[Row] = [
        word("version.causation", "version", c.versions["causation"]),
        (c.text(f"{label}.seed"), q.word("seed", str(p["random_seed"]))),
        (c.text(f"{label}.engine"), c.text(f"engine.{c.assessment.engine}")),
        (c.text(f"{label}.points"), q.stated("points", settings.points[0])),
        (c.text(f"{label}.replicates"), q.stated("replicates", settings.replicates)),
        word("digest.case", "case", c.sha256),
        (c.text(f"{label}.priors"), (c.prior_set(c.filled.priors.name),)),
        word("digest.priors", "priors_digest", p["prior_set_sha256"]),
        word("digest.standards", "standards_digest", digest_of_standards()),
        (c.text(f"{label}.standard"), c.case_standard),
        word("version.python", "python", c.versions["python"]),
        word("version.numpy", "numpy", c.versions["numpy"]),
    ]
    yield c.table("t-provenance", rows)
    yield c.paragraph("annexes.provenance.manifest")


def digest_of_standards() -> str:
    """SHA-256 of the table of standards."""
    return hashlib.sha256(data_path("standards.yaml").read_bytes()).hexdigest()


def full_value(quantity: Quantity) -> str:
    """A quantity with as many digits as are needed to compare it.

    Numbers are given to ten significant digits.
    """
    value = quantity.value
    if value is None:
        return quantity.text
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def numbers_annex(c: Context) -> Iterator[Block]:
    """Every number of the report with its name, definition and full value, as attached data."""
    count = c.registry.stated("quantities", len(c.registry.quantities) + 1)
    yield c.paragraph("annexes.quantities.text", count=count)
    yield Attachment(NUMBERS, c.text("annexes.quantities.file"))


def numbers_csv(quantities: Mapping[str, Quantity]) -> str:
    """Name, definition, print and full value of every number, as CSV with a header."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("name", "definition", "printed", "value"))
    writer.writerows((q.key, q.definition, q.text, full_value(q)) for q in quantities.values())
    return stream.getvalue()
