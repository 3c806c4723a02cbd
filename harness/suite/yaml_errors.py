"""What PyYAML's parser complains of, in plain words."""

from __future__ import annotations

from pathlib import Path

import yaml

from harness.errors import SuiteError

_SAID = {
    "mapping values are not allowed here": "a ':' stands where no value may begin; is the line indented right, "
    "and text that holds ': ' in quotes?",
    "could not find expected ':'": "a ':' is missing behind a key",
    "found character '\\t' that cannot start any token": "a tab stands in the indentation; use spaces",
    "found undefined alias": "the alias names no anchor",
    "but found another document": "there is a second document ('---'); a suite is one",
    "but found '<block mapping start>'": "a key stands deeper or shallower than the keys around it; "
    "keys of one mapping start in the same column",
    "but found '<scalar>'": "text stands where a key or the next item is expected; is a comma, quote or '-' "
    "missing, or the line indented wrongly?",
    "found unexpected end of stream": "a quote is opened and never closed",
    "found '<stream end>'": "a bracket is opened and never closed",
    "got '<stream end>'": "a bracket is opened and never closed",
}


def not_yaml(path: Path, error: yaml.MarkedYAMLError) -> SuiteError:
    problem = error.problem or "it cannot be read"
    said = next((plain for theirs, plain in _SAID.items() if theirs in problem), problem)
    mark = error.problem_mark or error.context_mark
    where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
    return SuiteError(f"this is not YAML: {said}", where=where)
