"""All benchmarks of speed, one process each, and then the tables.

python -m benchmarks.speed           about an hour on two cores
python -m benchmarks.speed table     writes docs/speed.md and README again of what was found
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.speed import table


def main() -> None:
    """Runs them all, and goes on where one fails.

    Raises:
        SystemExit: Where an argument is not known, or a benchmark failed.
    """
    words = sys.argv[1:]
    if words not in ([], ["table"]):
        sys.exit(f"unknown argument {' '.join(words)!r}; there is: table")
    failed = []
    if not words:
        for name in table.ALL:
            print(f"\n{name}", flush=True)
            if subprocess.run([sys.executable, "-m", f"benchmarks.speed.{name}"], check=False).returncode:
                failed.append(name)
    table.write()
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; the tables show what these found before")


if __name__ == "__main__":
    main()
