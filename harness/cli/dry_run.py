"""`--dry-run`: what would run, and the tokens and dollars that it would take at most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.running.runner import Options
    from harness.suite.load import Loaded


def plan_lines(loaded: Loaded, options: Options, outputs: Sequence[Path] = ()) -> list[str]:
    """What `--dry-run` says; what was rehearsed is also written, as JSON."""
    from harness import journal, numbers
    from harness.rehearsing import lines as money
    from harness.rehearsing import rehearse
    from harness.running.beginning import check_same
    from harness.running.gaps import gaps
    from harness.running.planning import check_sizes, plan, read_data

    left = None
    if options.resume is not None:
        check_same(loaded, options.resume)
        lines = [f"{options.resume.id}: this would be left to run, on the rows that it keeps"]
        data = {task.name: options.resume.data(task.name) for task in loaded.suite.tasks}
        left = {gap.key for gap in gaps(options.resume)}
    else:
        lines = [f"{loaded.path}: this would run"]
        data = read_data(loaded, options.limit)
        check_sizes(options.sizes, data)
    for name, rows in data.items():
        counts = [numbers.count(len(split)) for split in (rows.train, rows.validation, rows.test)]
        lines.append(f"task {name}: {counts[0]} train, {counts[1]} validation, {counts[2]} test rows")
        lines += [f"  {warning}" for warning in rows.report.warnings]
    planned = plan(loaded, options.strategies, options.sizes)
    keys = [key for key in planned if left is None or key in left]
    for key in keys:
        bound = loaded.strategies[key.strategy]
        out = "" if data[key.task].brief.kind in bound.strategy.kinds else "  (not applicable)"
        of = f"  (the best on validation of {len(bound.candidates)})" if bound.candidates else ""
        lines.append(f"  {key}{of}{out}")
    if left is not None:
        lines.append(f"{len(planned) - len(left)} of {len(planned)} trials are finished.")
    rehearsal = rehearse(loaded, options, data, keys)
    lines += money(rehearsal, loaded.suite.prices.device_hours)
    if options.canary:
        asked = numbers.plural(options.canary, "recorded prompt")
        lines.append(f"--canary asks at most {asked} of each endpoint again, which is not in these figures.")
    for path in outputs:
        journal.replace(path, rehearsal.model_dump_json(indent=1))
        lines.append(f"Written: {path}")
    return [*lines, "Nothing was run, and nothing spent."]
