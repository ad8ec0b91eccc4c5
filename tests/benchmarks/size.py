"""How large the house is, room by room: ``python -m tests.benchmarks.size``."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2] / "causation"


def lines_of(text: str) -> Counter[str]:
    """Lines of a module: all, and those that are neither text, blank, comment nor import."""
    lines, other = text.splitlines(), set[int]()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                other |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    other |= {n for n, x in enumerate(lines, 1) if not x.strip() or x.lstrip().startswith("#")}
    return Counter(modules=1, lines=len(lines), code=len(lines) - len(other))


def main() -> None:
    """Print the table of rooms as Markdown."""
    rooms: dict[str, Counter[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        found = lines_of(path.read_text(encoding="utf-8"))
        for name in (parts[0] if len(parts) > 1 else "the root", "all"):
            rooms.setdefault(name, Counter()).update(found)
    rooms["all"] = rooms.pop("all")
    print("| room | modules | lines | of code |\n| --- | ---: | ---: | ---: |")
    for name, n in rooms.items():
        print(f"| {name} | {n['modules']} | {n['lines']} | {n['code']} |")


if __name__ == "__main__":
    main()
