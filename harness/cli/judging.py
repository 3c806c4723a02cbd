"""Options that commands share: what the recommendation goes by, spelt as in the suite."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.suite import Decide, PriceBook
    from harness.suite.load import Loaded

Min = Annotated[
    list[str] | None,
    typer.Option(
        "--min", help="The least of a figure, such as accuracy=0.85, judged on its lower end. Repeatable."
    ),
]
Max = Annotated[
    list[str] | None,
    typer.Option(
        "--max", help="The most of a figure, such as p95_seconds=1, judged on its upper end. Repeatable."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--decide",
        help="Any other field of the suite's `decide`, such as answers_per_month=100000, serving.mode=batch or"
        " error_price.spam.ham=2 (target, then answer). Repeatable.",
    ),
]
PricesFile = Annotated[
    Path | None,
    typer.Option("--prices", help="A YAML file of prices, as a suite's `prices`, instead of those of the run."),
]


def decided(
    loaded: Loaded, minimum: list[str] | None, maximum: list[str] | None, fields: list[str] | None
) -> Decide:
    """The suite's `decide` with what the command line says in its place.

    Raises:
        SuiteError: With the option and what is wrong with it.
    """
    from harness.errors import SuiteError
    from harness.gating.limits import parse
    from harness.suite import Decide
    from harness.suite.complaints import check
    from harness.suite.figures import unpriced

    raw = loaded.suite.decide.model_dump()
    for bound, option, words in (("minimum", "--min", minimum), ("maximum", "--max", maximum)):
        typed = parse(words or [], option)
        _check(typed, option, loaded)
        raw[bound] = {**raw[bound], **typed}
    for word in fields or []:
        _put(raw, word)
    found = check(Decide, raw)
    if isinstance(found, list):
        raise SuiteError(f"--decide {'.'.join(map(str, found[0].path))}: {found[0].message}")
    if fields:
        tasks = [
            (task.kind, () if isinstance(task.labels, str) else tuple(task.labels)) for task in loaded.suite.tasks
        ]
        for message in unpriced(found, tasks) if all(task.labels != "auto" for task in loaded.suite.tasks) else ():
            raise SuiteError(f"--decide error_price: {message}")
    return found


def _check(typed: dict[str, float], option: str, loaded: Loaded) -> None:
    """Refuses a limit that names no figure before anything runs."""
    from harness.errors import SuiteError, suggest
    from harness.suite.figures import figures_of, impossible, may_be

    known = figures_of(loaded.suite, loaded.registry) if typed else ()
    for name in typed:
        if name not in known and not may_be(name, loaded.suite):
            raise SuiteError(f"{option} {name!r} is no figure of these tasks; {suggest(name, known)}")
    both = (typed, {}) if option == "--min" else ({}, typed)
    for each in impossible(*both):
        raise SuiteError(f"{option} {each.name}={typed[each.name]:g}: {each.message}")


def _put(raw: dict[str, object], word: str) -> None:
    from harness.errors import SuiteError, suggest

    name, equals, value = word.partition("=")
    if not equals:
        raise SuiteError(f"--decide {word!r} is not of the form FIELD=VALUE, such as answers_per_month=100000")
    *above, last = name.split(".")
    place, is_open = raw, False  # open: any name may stand there, a figure's or a label's
    for part in above:
        is_open = is_open or part in _OPEN
        inner = place.get(part)
        if not isinstance(inner, dict) and is_open:
            inner = place[part] = {}  # in the place of one price for all errors
        if not isinstance(inner, dict):
            raise SuiteError(f"--decide {name!r}: there is nothing below {part!r}; {suggest(part, place)}")
        place = inner
    if last not in place and not is_open:
        raise SuiteError(f"--decide {name!r}: no field {last!r}; {suggest(last, place)}")
    place[last] = _value(name, value)


_OPEN = ("error_price", "minimum", "maximum")


def _value(name: str, text: str) -> object:
    """What is typed, as YAML; a number also as 1e6, and a mapping also without blanks behind its colons."""
    import yaml

    from harness.errors import SuiteError

    try:
        found = yaml.safe_load(text)
        if isinstance(found, dict) and None in _leaves(found):
            found = yaml.safe_load(text.replace(":", ": "))
    except yaml.YAMLError:
        raise SuiteError(
            f"--decide {name}: {text!r} is not written as YAML, such as {{positive: {{negative: 2}}}}"
        ) from None
    if not isinstance(found, str):
        return found
    try:
        number = float(found)
    except ValueError:
        if re.fullmatch(r"[0-9]{1,3}([ ',.][0-9]{3})+", found):
            digits = re.sub("[^0-9]", "", found)
            raise SuiteError(
                f"--decide {name}: {found!r} is no number; write {digits}, or {int(digits):_}"
            ) from None
        return found
    return int(number) if number.is_integer() else number


def _leaves(found: object) -> list[object]:
    return [leaf for each in found.values() for leaf in _leaves(each)] if isinstance(found, dict) else [found]


def priced(path: Path | None) -> PriceBook | None:
    """The prices of a file; None without one.

    Raises:
        SuiteError: The file cannot be read, or is no book of prices.
    """
    if path is None:
        return None
    import yaml

    from harness.errors import SuiteError
    from harness.suite import PriceBook
    from harness.suite.complaints import check

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SuiteError(f"--prices {str(path)!r} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        told = "is empty" if raw is None else "is no mapping of fields"
        raise SuiteError(
            f"--prices {str(path)!r} {told}; write it as a suite's `prices`, such as device_hours: {{this: 0.20}}"
        )
    book = raw.get("prices", raw)
    found = check(PriceBook, book)
    if isinstance(found, list):
        field = ".".join(map(str, found[0].path))
        raise SuiteError(f"--prices {str(path)!r}: {field or 'the file'}: {found[0].message}")
    return found
