"""docs/hosted/local.md: its example runs, and it names every fault there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suites.local_service.faults import COUNTED, TIMED
from tests.local_service.conftest import Start, lines

PAGE = (Path(__file__).parents[2] / "docs" / "hosted" / "local.md").read_text()


def test_the_example_goes_from_an_upload_to_an_answer(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "train.jsonl").write_bytes(lines())
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    here = {
        "http://127.0.0.1:8127/v1": str(start().client.base_url),
        "smollm2-135m-instruct": "scripted",
        'open("train.jsonl", "rb")': f"('train.jsonl', {lines()!r})",
    }
    for said, meant in here.items():
        assert said in code
        code = code.replace(said, meant)
    names: dict[str, object] = {}
    exec(compile(code, "docs/hosted/local.md", "exec"), names)
    names["client"].close()  # type: ignore[attr-defined]
    assert "negative\n" == capsys.readouterr().out


def test_the_page_names_every_fault() -> None:
    table = PAGE[PAGE.index("| kind |") :]
    assert sorted((*COUNTED, *TIMED)) == sorted(
        re.findall(r"`([a-z]+(?:-[a-z]+)?)`", re.sub(r"\|[^|]*\|\n", "|\n", table).split("[faults.md]")[0])
    )
