"""What is needed to compute a report again, carried inside it."""

from __future__ import annotations

import base64
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from causation.version import VERSION

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment
    from causation.report.material import Material
    from causation.report.quantities import Quantity

MARK = "causation-report-manifest"
NO_DIGEST = "0" * 64
"""Stands in place of the digest of the whole while the digest is computed."""
MAX_LINE = 8 * 2**20
"""Largest manifest that is read, in characters of base64."""

_PACKAGES = (
    "fonttools", "jinja2", "numpy", "python-docx", "scipy", "typst", "zhplot",
)  # fmt: skip


def environment() -> dict[str, str]:
    """Versions on which the bytes of a report may depend, that of this program among them."""
    ours = {"causation": VERSION, "python": platform.python_version()}
    return ours | {name: version(name) for name in _PACKAGES}


def make_manifest(
    material: Material,
    assessment: Assessment,
    *,
    lang: str,
    quantities: Mapping[str, Quantity],
    explorer: Mapping[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Everything that determines a report, and every number in it."""
    return {
        "format": 3,
        "environment": dict(versions),
        "lang": lang,
        "identify": material.identify,
        "case": {
            "id": material.case.id,
            "text": material.case_text,
            "sha256": material.sha256,
            "redacted": material.redacted,
            "withheld": list(material.leaks),
            "court_found": material.court_found,
        },
        "priors": {
            "name": assessment.filled.priors.name
            if material.priors_embedded
            else str(material.priors),
            "sha256": assessment.provenance["prior_set_sha256"],
            "text": material.priors_text if material.priors_embedded else None,
        },
        "standard": material.standard,
        "standards_sha256": quantities["digest.standards"].value,
        "provenance": {k: v for k, v in assessment.provenance.items() if k != "version"},
        "engine": assessment.engine,
        "numbers": {key: [q.value, q.text] for key, q in quantities.items()},
        "explorer": dict(explorer),
    }


def encode(manifest: Mapping[str, Any]) -> str:
    """A manifest as one line of base64, in which nothing of any format has a meaning."""
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def decode(line: str) -> dict[str, Any]:
    """A manifest from its line.

    Raises
    ------
    ValueError
        If it is none.
    """
    if len(line) > MAX_LINE:
        raise ValueError("larger than a manifest can be")
    try:
        manifest = json.loads(base64.b64decode(line, validate=True))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not (isinstance(manifest, dict) and _are_numbers(manifest.get("numbers"))):
        raise ValueError("not a manifest")
    versions = manifest.get("environment")
    if not isinstance(versions, dict) or not all(isinstance(v, str) for v in versions.values()):
        raise ValueError("not a manifest")
    return dict(manifest)


def _are_numbers(numbers: object) -> bool:
    return isinstance(numbers, dict) and all(
        isinstance(number, list) and len(number) == 2 and isinstance(number[1], str)
        for number in numbers.values()
    )


def seal(content: bytes) -> bytes:
    """Put the digest of the whole in place of its stand-in.

    The digest is that of the content with the stand-in, so that it can be checked.

    Raises
    ------
    ValueError
        If there is no stand-in.
    """
    if NO_DIGEST.encode() not in content:
        raise ValueError("no place for the digest")
    digest = hashlib.sha256(content).hexdigest()
    return content.replace(NO_DIGEST.encode(), digest.encode())
