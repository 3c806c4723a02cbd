"""From a path to its page.

""                           the runs
run/RUN                      a run's figures
run/RUN/task/TASK            a task's examples
run/RUN/task/TASK/example    one of them, ?id=…
compare                      two trials side by side, ?a=RUN&b=RUN
static/view.css
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

from harness.errors import HarnessError
from harness.numbers import count
from harness.running.rows import Row
from harness.running.store import RunFolder
from harness.viewing import filters as filtering
from harness.viewing import selecting
from harness.viewing.comparing import compare_page
from harness.viewing.contents import Trial
from harness.viewing.filters import PAGE_SIZE, Filters
from harness.viewing.index import Index
from harness.viewing.ordering import best_first
from harness.viewing.runlist import RunLine
from harness.viewing.server import Reply
from harness.viewing.shelf import Shelf
from harness.viewing.showing import Showing, pretty, static


class Site:
    """All pages of a server.

    Args:
        shelf: The runs.
        key: What paths begin with.
    """

    def __init__(self, shelf: Shelf, key: str) -> None:
        self._shelf = shelf
        self._showing = Showing(f"/{key}")

    def respond(self, path: str, query: str) -> Reply:
        """The page of a path; an error is a page too."""
        try:
            found = self._page([unquote(part) for part in path.split("/")], query)
        except HarnessError as error:
            return self._showing.problem("This cannot be shown", str(error), HTTPStatus.INTERNAL_SERVER_ERROR)
        except Exception as error:  # one broken page must not end the others
            said = f"This is a bug in the harness: {type(error).__name__}: {error}"
            return self._showing.problem("This cannot be shown", said, HTTPStatus.INTERNAL_SERVER_ERROR)
        return found or self._showing.problem("There is no such page", "Begin at the runs.", HTTPStatus.NOT_FOUND)

    def _page(self, parts: list[str], query: str) -> Reply | None:
        match parts:
            case [""]:
                return self._runs()
            case ["static", name]:
                return static(name)
            case ["compare"]:
                return compare_page(self._shelf, self._showing, query)
            case ["run", name]:
                return self._run(name)
            case ["run", name, "task", task, *rest]:
                folder = self._shelf.runs().get(name)
                if folder is None or task not in folder.tasks() or rest not in ([], ["example"]):
                    return None
                index = self._shelf.index(folder, task)
                if not isinstance(index, Index):
                    return self._showing.page("making.html", {"run": name, "task": task, "share": index.share})
                shown = _Task(name, folder, task, index, self._places(folder, task))
                return self._example(shown, query) if rest else self._examples(shown, query)
        return None

    def _runs(self) -> Reply:
        lines = [RunLine(name, folder) for name, folder in self._shelf.runs().items()]
        # The newest first; of those begun together the first stays the older one.
        lines.sort(key=lambda line: line.started)
        lines.reverse()
        return self._showing.page("runs.html", {"runs": lines})

    def _places(self, folder: RunFolder, task: str) -> Mapping[str, int]:
        """Strategies by their figure; the suite's order holds until the figures are known."""
        making = self._shelf.figures(folder, folder.tasks())
        rows = (making.result or ()) if making.wait(0) else ()
        return best_first([row for row in rows if row.task == task])

    def _run(self, name: str) -> Reply | None:
        folder = self._shelf.runs().get(name)
        if folder is None:
            return None
        tasks = folder.tasks()
        making = self._shelf.figures(folder, tasks)
        done = making.wait()
        rows = (making.result or ()) if done else ()
        trials = [trial.header for trial in folder.trials()]
        values = {
            "run": name,
            "header": folder.header,
            "tasks": [
                {
                    "name": task,
                    "stored": folder.task(task),
                    "summary": folder.header.data.get(task),
                    "rows": _sorted([row for row in rows if row.task == task]),
                    "trials": [t for t in trials if t.key.task == task and t.status != "candidate"],
                }
                for task in tasks
            ],
            "problem": making.problem if done else None,
            "pending": not done,
        }
        return self._showing.page("run.html", values)

    def _examples(self, shown: _Task, query: str) -> Reply:
        filters = filtering.parse(query)
        contents = shown.index.contents
        rows = shown.index.select(filters)
        pages = max(1, -(-len(rows) // PAGE_SIZE))
        page = min(filters.page, pages)
        first = (page - 1) * PAGE_SIZE
        trials = shown.ordered(selecting.shown(filters, contents))
        values = {
            "all_trials": shown.ordered(selecting.trials(filters, contents)),
            "trials": trials,
            "lines": shown.index.lines(rows[first : first + PAGE_SIZE], [t.number for t in trials]),
            "said": f"{count(len(rows))} of {count(contents.rows)} rows",
            "first": first,
            "page": page,
            "pages": pages,
            "to": lambda number: filtering.query(filters, page=number),
            "sorts": {**filtering.SORTS, **_sure_sorts(trials)},
        }
        return self._showing.page("examples.html", shown.values(filters) | values)

    def _example(self, shown: _Task, query: str) -> Reply | None:
        filters = filtering.parse(query)
        index, contents = shown.index, shown.index.contents
        row = index.row_of(parse_qs(query).get("id", [""])[0])
        if row is None:
            return None
        rows = index.select(filters)
        place = rows.index(row) if row in rows else None
        before = index.name_of(rows[place - 1]) if place else None
        after = index.name_of(rows[place + 1]) if place is not None and place + 1 < len(rows) else None
        trials = shown.ordered(selecting.shown(filters, contents))
        (line,) = index.lines([row], [t.number for t in trials])
        values = {
            "example": index.example(row),
            "answers": [(t, line.cells.get(t.number), index.outcome(row, t)) for t in trials],
            "said": None if place is None else f"{count(place + 1)} of {count(len(rows))}",
            "before": before,
            "after": after,
            "back": filtering.query(filters, page=1 + (place or 0) // PAGE_SIZE),
            "pretty": pretty,
        }
        return self._showing.page("example.html", shown.values(filters) | values)


class _Task:
    """A task that is shown."""

    def __init__(self, run: str, folder: RunFolder, task: str, index: Index, places: Mapping[str, int]) -> None:
        self.run = run
        self._places = places
        self.task = task
        self.index = index
        self.stored = folder.task(task)

    def ordered(self, trials: Sequence[Trial]) -> list[Trial]:
        """The best first, where that is known."""
        return sorted(trials, key=lambda trial: self._places.get(trial.strategy, len(self._places)))

    def values(self, filters: Filters) -> dict[str, object]:
        """What every template of a task is given."""
        contents = self.index.contents
        return {
            "run": self.run,
            "task": self.task,
            "stored": self.stored,
            "contents": contents,
            "filters": filters,
            "arm": selecting.arm(filters, contents),
            "here": filtering.query(filters),
        }


def _sorted(rows: Sequence[Row]) -> list[Row]:
    places = best_first(rows)
    return sorted(rows, key=lambda row: places[row.strategy])


def _sure_sorts(trials: list[Trial]) -> dict[str, str]:
    return {
        f"{name}:{trial.strategy}": f"{trial.strategy}: {said}"
        for trial in trials
        for name, said in filtering.SURE_SORTS.items()
    }
