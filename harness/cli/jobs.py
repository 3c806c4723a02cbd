"""`harness jobs [RUN]`: jobs that runs have with providers of fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.calls.tuning_book import Held, TuningBook
    from harness.cli.guard import Guard
    from harness.running.hosted import Provider
    from harness.running.store import RunFolder

EXAMPLES = """\b
Examples:
  harness jobs
  harness jobs latest
  harness jobs --offline
  harness jobs --events ftjob-abc123
  harness jobs --cancel ftjob-abc123
  harness jobs --delete ftjob-abc123
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("jobs", epilog=EXAMPLES)(guard(jobs))


def jobs(
    run: Annotated[
        str | None,
        typer.Argument(help="A run's folder, its id or how it begins, or `latest`.", show_default=False),
    ] = None,
    events: Annotated[str | None, typer.Option(help="Show what the provider said of this job.")] = None,
    cancel: Annotated[str | None, typer.Option(help="Cancel this job.")] = None,
    delete: Annotated[
        str | None,
        typer.Option(help="Delete this file or tuned model; of a job, its files and the model that it tuned."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="As jobs were last seen; no provider is asked.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """List hosted fine-tuning jobs of runs, as their providers say that they stand; or cancel and delete."""
    from harness.errors import SuiteError
    from harness.running.hosted import book
    from harness.running.store import find, runs

    asked = {"--events": events, "--cancel": cancel, "--delete": delete, "--offline": offline}
    if len(said := [name for name, value in asked.items() if value]) > 1:
        raise SuiteError(f"{' and '.join(said)} do not go together: one at a time")
    folders = [find(results, run)] if run is not None else runs(results)
    books = [(folder, kept) for folder in folders if (kept := book(folder)).all()]
    one = events or cancel or delete
    if one is not None:
        _one(books, one, "events" if events else "cancel" if cancel else "delete")
        return
    if not books:
        where = f"run {run!r}" if run is not None else f"the runs in {str(results)!r}"
        typer.echo(f"No hosted fine-tuning jobs in {where}.")
    for folder, kept in books:
        typer.echo(folder.id)
        for line in _lines(folder, kept, offline=offline):
            typer.echo(f"  {line}")


def _lines(folder: RunFolder, kept: TuningBook, *, offline: bool) -> Iterator[str]:
    from harness.errors import HarnessError
    from harness.running.hosted import jobs as jobs_of

    with ExitStack() as stack:
        ways: Provider | None = None
        for held in jobs_of(kept):
            seen, why = held, ""
            if not offline and not (held.job and held.job.ended):
                try:
                    ways = ways or _opened(folder, kept, stack)
                    seen = ways.look(held)
                except HarnessError as error:
                    why = f"  (as last seen {held.at:%Y-%m-%d %H:%M} UTC: {error.message})"
            yield _line(kept, seen) + why


def _line(kept: TuningBook, held: Held) -> str:
    from harness import numbers
    from harness.running.hosted import belonging

    if held.job is None:
        return f"{'(no id)':28}  its making was broken off; --resume looks for it  {held.provider}  {held.trial}"
    job = held.job
    told = [numbers.plain(job.told)]
    if job.trained_tokens is not None:
        told.append(f"{numbers.count(job.trained_tokens)} trained tokens")
    if job.error:
        told.append(numbers.plain(job.error))
    names = [numbers.plain(str(each.id)) for each in belonging(kept, held)]
    there = f"; at the provider: {', '.join(names)}" if names else ""
    return f"{numbers.plain(job.id):28}  {held.provider}  {held.trial}  {', '.join(told)}{there}"


def _opened(folder: RunFolder, kept: TuningBook, stack: ExitStack) -> Provider:
    from harness.api import Run
    from harness.running.hosted import provider

    return stack.enter_context(provider(Run(folder).loaded, kept))


def _one(books: list[tuple[RunFolder, TuningBook]], id_: str, what: str) -> None:
    from harness import numbers
    from harness.errors import SuiteError
    from harness.running.hosted import belonging, named

    kept, held = named([each for _, each in books], id_)
    folder = next(folder for folder, each in books if each is kept)
    if what != "delete" and held.what != "job":
        raise SuiteError(f"{id_!r} is a {held.what}, and --{what} is for jobs")
    with ExitStack() as stack:
        ways = _opened(folder, kept, stack)
        if what == "events":
            for event in ways.events(held):
                at = "" if event.at is None else f"{event.at:%Y-%m-%d %H:%M:%S}  "
                typer.echo(f"{at}{'! ' if event.warning else ''}{numbers.plain(event.message)}")
        elif what == "cancel":
            seen = ways.cancel(held)
            typer.echo(f"{id_}: {numbers.plain(seen.job.told) if seen.job else 'cancelled'}")
        else:
            if held.what == "job" and not (held := ways.look(held)).job.ended:  # type: ignore[union-attr]
                raise SuiteError(f"job {id_!r} has not ended: --cancel it first")
            there = belonging(kept, held) if held.what == "job" else [held]
            if not there:
                typer.echo(f"{id_}: nothing of it is left at {held.provider}")
            for each in there:
                ways.delete(each)
                typer.echo(f"deleted {each.what} {numbers.plain(str(each.id))}")
