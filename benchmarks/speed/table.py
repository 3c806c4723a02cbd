"""The tables of docs/speed.md and README, written of what each benchmark last found.

<!-- speed -->
| work | against | goal | measured |
…
<!-- /speed -->
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.ratios import FOUND, Line, kept
from harness.journal import replace

ALL = ("scoring", "generation", "training", "embedding", "startup", "api")
ROOT = Path(__file__).parents[2]
DOCS, README = ROOT / "docs" / "speed.md", ROOT / "README.md"
BEGIN, END = "<!-- speed -->", "<!-- /speed -->"


@dataclass(frozen=True)
class Found:
    """What a benchmark last found.

    Attributes:
        name: The module.
        lines: Its ratios.
        machine: On what, in words.
        versions: With what, in words.
    """

    name: str
    lines: Sequence[Line]
    machine: str
    versions: str


def found() -> list[Found]:
    """Of all benchmarks that ever ran, in the order of the table."""
    all_found = []
    for name in ALL:
        file = FOUND / f"{name}.json"
        if file.exists():
            held = json.loads(file.read_text(encoding="utf-8"))
            versions = ", ".join(f"{package} {version}" for package, version in held["versions"].items())
            all_found.append(Found(name, kept(name), _machine(held["machine"]), versions))
    return all_found


def short(benchmarks: Sequence[Found]) -> str:
    """README's table: one row a ratio, and on what."""
    if not benchmarks:
        return "Nothing was measured yet."
    rows = ["| work | against | goal | measured |", "| --- | --- | --- | --- |"]
    for benchmark in benchmarks:
        rows += [_row(line.work, line.against, _goal(line), _times(line)) for line in benchmark.lines]
    machines = list(dict.fromkeys(benchmark.machine for benchmark in benchmarks))
    return "\n".join([*rows, "", f"Measured on {'; '.join(machines)}."])


def whole(benchmarks: Sequence[Found]) -> str:
    """The documentation's: by benchmark, how it measures, every figure with its range, what was checked."""
    return "\n\n".join("\n".join(_section(benchmark)) for benchmark in benchmarks)


def fill(text: str, table: str, file: str) -> str:
    """The text with the table between its markers.

    Raises:
        SystemExit: Where the markers are not there, once each.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        sys.exit(f"{file} must hold {BEGIN!r} and behind it {END!r}, once each")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def write() -> None:
    """Writes both."""
    benchmarks = found()
    for file, table in ((README, short(benchmarks)), (DOCS, whole(benchmarks))):
        replace(file, fill(file.read_text(encoding="utf-8"), table, file.name), shared=True)


def _section(benchmark: Found) -> Iterator[str]:
    source = (Path(__file__).parent / f"{benchmark.name}.py").read_text(encoding="utf-8")
    yield f"## {benchmark.name}"
    yield ""
    yield ast.get_docstring(ast.parse(source)) or ""
    yield ""
    yield "| work | against | goal | measured | answers |"
    yield "| --- | --- | --- | --- | --- |"
    for line in benchmark.lines:
        yield _row(line.work, line.against, _goal(line), _times(line), line.same)
    yield ""
    yield f"On {benchmark.machine}; {benchmark.versions}."
    missed = [line for line in benchmark.lines if not line.met]
    if missed:
        yield ""
        yield f"Not met: {len(missed)} of {len(benchmark.lines)}."


def _goal(line: Line) -> str:
    return f"at {line.sense} {line.goal:g}"


def _times(line: Line) -> str:
    return str(line.ratio) if line.met else f"{line.ratio}, **not met**"


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", r"\|").split()) for cell in cells) + " |"


def _machine(held: dict[str, object]) -> str:
    gpus = held["gpus"]
    first = f"{', '.join(map(str, gpus))} and " if isinstance(gpus, list) and gpus else ""
    bf16 = "with" if held["bf16"] else "without"
    return f"{first}{held['cores']} cores of {held['cpu']}, {held['memory_gib']} GiB, {bf16} bfloat16"
