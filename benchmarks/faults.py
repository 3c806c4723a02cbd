"""Injects what goes wrong with hosted models, one fault at a time, and prints what came of it as a table.

    python -m benchmarks.faults                 all of it, in Markdown
    python -m benchmarks.faults kill lost       the faults whose names hold one of these

Each fault runs a tiny suite through the harness against suites/local_service with an engine that learns by heart.
What was lost is counted on disk; what was billed, and how many jobs were made, in the service's own log.
Without names it prints docs/hosted/faults.md.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from benchmarks.fault_cases import CASES, Case
from benchmarks.fault_runs import PROCESSES, attempt
from harness import Failed
from harness.journal import read
from harness.records import Outcome, TrialHeader
from harness.testing import tiny_task
from suites.local_service import faults
from suites.local_service.listening import bound, listening
from suites.local_service.scripted import ScriptedEngine
from suites.local_service.service import Service, digest

ROWS = 12  # of the test split
_LANES = 4  # faults at a time: most of a run is waiting
_PATIENCE = 120  # seconds for one run
_ABOUT = """\
# What goes wrong, and what comes of it

`python -m benchmarks.faults > docs/hosted/faults.md`, {date}. Each fault was injected into suites/local_service,
and a suite of 12 test rows run against it through the harness; a run that a fault stopped, or that was killed, was
taken up once with `--resume`. Rows lost are counted on disk. What was paid is the service's own log: *recorded
answers paid again* had an answer on disk already; *others* were billed twice because the first answer could not be
read, did not come in time, or was under way when the run was killed.
"""
_SUITE = """\
name: faults
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {{text: text, target: label, id: id}}
      splits: {{train: 20, validation: 8, test: 12}}
models:
  m: {{use: openai, with: {{model: scripted-2026-01-01, base_url: "{url}", timeout_seconds: {timeout}{model}}}}}
strategies:
  - {{name: tried, {strategy}}}
latency_sample: 2
prices:
  models:
    "{host}/scripted-2026-01-01": {{input: 1, output: 1, training: 1}}
    "{host}/ft:scripted-2026-01-01": {{input: 1, output: 1, training: 1}}
"""


class Found(NamedTuple):
    """What came of a fault.

    Attributes:
        did: What the harness did, from its records.
        lost: Test rows without an outcome on disk at the end.
        again: Answers that were billed although the same question's was on disk.
        unread: Other answers that were billed more than once: the first was unreadable, or died with the run.
        jobs: Jobs and batches that were made, of those that were wanted.
        seconds: It took.
    """

    did: str
    lost: int
    again: int
    unread: int
    jobs: str
    seconds: float


def main(said: Sequence[str]) -> None:
    chosen = [case for case in CASES if not said or any(word in case.name for word in said)]
    print(_ABOUT.format(date=date.today()))
    print("| fault | what the harness did | rows lost | recorded answers paid again | others | jobs made |")
    print("| --- | --- | --- | --- | --- | --- |")
    with ThreadPoolExecutor(_LANES) as lanes:
        for case, found in zip(chosen, lanes.map(measure, chosen), strict=True):
            figures = (found.lost, found.again, found.unread, found.jobs)
            print(f"| {case.name} | {found.did} | {' | '.join(map(str, figures))} |", flush=True)
            print(f"{case.name}: {found.seconds:.1f} s", file=sys.stderr)


def measure(case: Case) -> Found:
    """Runs a case, and again with `--resume` where the first run did not end with all rows."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, _served(case, Path(name)) as service:
        folder = Path(name)
        did: list[str] = []
        _run(case, service, folder, kill=case.kill)
        header = _header(folder)
        if case.kill:
            did.append("killed; " + ("taken up" if header else "nothing was on disk; begun again"))
        if header is None or header.status != "finished":
            if not case.kill and header is not None:
                did.append(_problem(header) + "; resumed")
            if case.between is not None:
                case.between(service)
            _run(case, service, folder, resume=header is not None)
            header = _header(folder)
        outcomes = _outcomes(folder)
        kinds = Counter(o.result.kind for o in outcomes if isinstance(o.result, Failed))
        did.append(
            "not finished: " + _problem(header) if header is None or header.status != "finished" else "finished"
        )
        did.append(f"{sum(not isinstance(o.result, Failed) for o in outcomes)} of {ROWS} answered")
        did += [f"{count} failed as `{kind}`" for kind, count in kinds.items()]
        path = service.folder / "served.jsonl"
        log = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        billed = [line for line in log if line.get("tokens")]
        known = {_mark(o): o.at.timestamp() for o in outcomes}
        again = sum(line["at"] > known.get(line["asked"], math.inf) for line in billed)
        twice = len(billed) - len({line["asked"] for line in billed})
        made = sum("made" in line for line in log)
        wanted = 2 if case.batch else 1  # test rows go as one batch, validation rows as another
        jobs = f"{made} of {wanted}" if case.tuned or case.batch else ""
        lost = ROWS - len({o.query_id for o in outcomes})
        return Found("; ".join(did), lost, again, twice - again, jobs, time.monotonic() - began)


def _mark(outcome: Outcome) -> str:
    """As the service's log marks the question of a row."""
    turns = outcome.exchanges[-1].messages if outcome.exchanges else ()
    return digest([turn.model_dump() for turn in turns])


@contextmanager
def _served(case: Case, folder: Path) -> Iterator[Service]:
    service = Service(ScriptedEngine(), folder / "service", faults=faults.read(case.faults))
    with bound() as listener, listening(service, listener) as url:
        tiny = tiny_task()
        with (folder / "reviews.csv").open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["id", "text", "label"])
            for example in (*tiny.train, *tiny.validation, *tiny.test):
                writer.writerow([example.query.id, example.query.text, *example.targets])
        strategy = "use: prompt, with: {model: m}"
        if case.tuned:
            strategy = f"use: hosted-finetune, with: {{model: m, epochs: 1, poll_seconds: 0.1{case.strategy}}}"
        host = url.removeprefix("http://").removesuffix("/v1")
        model = ", batch: true, provider: openai" if case.batch else ""
        text = _SUITE.format(url=url, host=host, strategy=strategy, model=model, timeout=case.timeout)
        (folder / "suite.yaml").write_text(text)
        yield service


def _run(case: Case, service: Service, folder: Path, *, resume: bool = False, kill: str = "") -> None:
    """One run in a process of its own, killed where the service's log first holds `kill`."""
    child = PROCESSES.Process(target=attempt, args=(folder, resume), daemon=True)
    child.start()
    if kill:
        Thread(target=_kill, args=(child, service.folder / "served.jsonl", kill), daemon=True).start()
    elif case.during is not None and not resume:
        Thread(target=case.during, args=(service,), daemon=True).start()
    child.join(_PATIENCE)
    if child.is_alive():
        child.kill()
        child.join()


def _kill(child: ForkServerProcess, log: Path, mark: str) -> None:
    while child.is_alive():
        if log.exists() and re.search(mark, log.read_text(), flags=re.DOTALL):
            child.kill()
            return
        time.sleep(0.002)


def _header(folder: Path) -> TrialHeader | None:
    paths = list(folder.glob("results/*/trials/reviews/tried/*/trial.json"))
    return TrialHeader.model_validate_json(paths[0].read_bytes()) if paths else None


def _outcomes(folder: Path) -> list[Outcome]:
    paths = folder.glob("results/*/trials/reviews/tried/*/outcomes.jsonl")
    return [outcome for path in paths for outcome in read(path, Outcome)]


def _problem(header: TrialHeader | None) -> str:
    if header is None or header.problem is None:
        return "no record" if header is None else header.status
    said = re.sub(r"127\.0\.0\.1:\d+", "HOST", header.problem.message).replace("|", "/")
    said = " ".join(re.sub(r"(ftjob|file)-\w+", r"\1-…", said).split())
    return f"stopped, `{header.problem.kind}`: {said[:110]}{'…' if len(said) > 110 else ''}"


if __name__ == "__main__":
    main(sys.argv[1:])
