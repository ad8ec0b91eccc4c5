#!/usr/bin/env python3
"""Check the locked dependencies, without a network.

Every entry of requirements/*.txt is one exact version with at least one SHA-256 hash; none names
an index, an address or a file; what pyproject.toml declares is in lock.txt, and run.txt and
peers.txt hold the same versions as lock.txt wherever they overlap.

With ``--advisories FILE`` the versions are also compared with a list of vulnerable ones: JSON, for
every name a list of version specifiers, such as ``insecure.json`` of the package safety-db.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.+!_-]+)"
    r"(?: ; (?P<marker>[^\\]+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)$"
)


def canonical(name: str) -> str:
    """Return the name as the lock files spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(path: Path) -> tuple[set[tuple[str, str]], list[str]]:
    """Return the (name, version) pairs of a lock file, and the faults found in it."""
    text = re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8"))
    pinned: set[tuple[str, str]] = set()
    faults: list[str] = []
    for line in text.splitlines():
        bare = line.split("#", 1)[0].strip()
        if not bare:
            continue
        match = ENTRY.match(bare)
        if match is None:
            faults.append(f"{path.name}: not an exact version with hashes: {bare[:80]}")
            continue
        pinned.add((canonical(match["name"]), match["version"]))
    if not pinned:
        faults.append(f"{path.name}: holds nothing")
    return pinned, faults


def declared(project: dict[str, Any]) -> set[str]:
    """Return the names that pyproject.toml asks for, peers left out."""
    table = project["project"]
    groups = project["dependency-groups"]
    wanted = list(table["dependencies"])
    for extra in table["optional-dependencies"].values():
        wanted += extra
    for name, group in groups.items():
        if name != "peers":
            wanted += [item for item in group if isinstance(item, str)]
    names = (re.match(r"[A-Za-z0-9._-]+", item) for item in wanted)
    return {canonical(name[0]) for name in names if name} - {"causation"}


def vulnerable(file: Path, pinned: set[tuple[str, str]]) -> list[str]:
    """Return the pinned versions that a list of advisories names."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    listed = {canonical(k): v for k, v in json.loads(file.read_text("utf-8")).items()}
    found = []
    for name, version in sorted(pinned):
        for specifier in listed.get(name, []):
            try:
                if SpecifierSet(specifier).contains(version, prereleases=True):
                    found.append(f"{name} {version}: an advisory names {specifier}")
            except InvalidSpecifier:
                found.append(f"{name}: not understood: {specifier}")
    known = sum(name in listed for name, _ in pinned)
    print(f"{known} of {len(pinned)} packages are in {file.name}, {len(listed)} packages")
    return found


def main() -> int:
    """Print every fault; return 1 if there is one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--advisories", type=Path, help="list of vulnerable versions (JSON)")
    options = parser.parse_args()
    faults: list[str] = []
    locks: dict[str, set[tuple[str, str]]] = {}
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        locks[path.stem], found = entries(path)
        faults += found
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {name for name, _ in locks["lock"]}
    faults += [f"lock.txt: {name} is missing" for name in sorted(declared(project) - names)]
    for other in ("run", "peers"):
        differ = {pair for pair in locks[other] if pair[0] in names} - locks["lock"]
        faults += [f"{other}.txt: {name} {version} is not lock.txt's" for name, version in differ]
    if options.advisories is not None:
        faults += vulnerable(options.advisories, set().union(*locks.values()))
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"{sum(map(len, locks.values()))} locked entries, all exact and hashed")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
