from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from harness.trainingfiles import rules_of
from harness.trainingfiles.reading import check_file

WORDS = {"billing": "invoice", "delivery": "parcel", "login": "password"}
PRICES = "models: {openai/gpt-4.1-mini: {input: 0.4, output: 1.6, training: 5000, as_of: 2026-05-01}}"


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    """Sixty tickets; lines 5, 6, 8 and 12 have one trouble each, and lines 10 and 11 one with each other."""
    rows = [[f"a {word} question number {i}", queue] for i, (queue, word) in enumerate(list(WORDS.items()) * 20)]
    rows[3][1], rows[4][0], rows[6] = "", "", rows[5]
    rows[8][0] = rows[9][0]
    rows[10][0] = "very long " * 40_000
    path = tmp_path / "tickets.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["body", "queue"], *rows])
    return path


@pytest.fixture
def prepare(harness: Any, tickets: Path, tmp_path: Path) -> Any:
    def run(*words: str, file: Path = tickets, provider: str = "openai") -> Any:
        out = () if "-o" in words else ("-o", str(tmp_path / "out"))
        return harness("data", "prepare", str(file), "--for", provider, *out, *words)

    return run


COLUMNS = ("--text", "body", "--target", "queue", "--instructions", "Which queue?")


def test_what_the_provider_would_refuse_is_listed_by_line_and_nothing_is_written(
    prepare: Any, tickets: Path, tmp_path: Path
) -> None:
    before = tickets.read_bytes()
    said = prepare(*COLUMNS)
    assert 1 == said.code
    for line in (
        "line 5: the answer is empty",
        "line 6: the text is empty",
        "line 8: the same as tickets.csv line 7",
        "line 10, 11: one prompt, and different answers: 'login', 'billing'",
        "line 12: 80,027 tokens and openai takes 65,536",
        "too-long: 1 line (refused by the provider); proposed: leave it out",
        "Nothing was written: openai would refuse it; --fix does what is proposed.",
    ):
        assert line in said.out
    assert (False, before) == ((tmp_path / "out").exists(), tickets.read_bytes())


def test_fix_does_what_was_proposed_and_says_what_it_did(prepare: Any, tickets: Path, tmp_path: Path) -> None:
    before = tickets.read_bytes()
    said = prepare(*COLUMNS, "--fix")
    assert 0 == said.code
    for kind, lines in (("empty-prompt", "1 line"), ("conflict", "2 lines"), ("too-long", "1 line")):
        assert f"Left out for {kind}: {lines}." in said.out
    files = [tmp_path / "out" / name for name in ("train.jsonl", "validation.jsonl")]
    assert [48, 6] == [len(file.read_text().splitlines()) for file in files]
    assert all(0o600 == stat.S_IMODE(file.stat().st_mode) for file in files)
    assert [] == check_file(files[0], rules_of("openai")).findings
    assert before == tickets.read_bytes()


def test_doubts_that_no_provider_refuses_are_told_and_written_all_the_same(prepare: Any, tmp_path: Path) -> None:
    rows = [{"text": f"text {i % 14} of this", "label": "xy"[i % 2]} for i in range(15)]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = prepare("--validation", "0", file=tmp_path / "r.jsonl")
    assert 0 == said.code
    assert "duplicate: 1 line; proposed: leave it out\n  r.jsonl line 15: the same as r.jsonl line 1" in said.out
    assert 15 == len((tmp_path / "out" / "train.jsonl").read_text().splitlines())


def test_a_script_gets_all_of_it_as_json(prepare: Any, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PRICES)
    options = ("--model", "gpt-4.1-mini", "--epochs", "2", "--prices", str(tmp_path / "p.yaml"))
    said = prepare(*COLUMNS, "--fix", "--format", "json", *options)
    told = json.loads(said.out)
    assert ["empty-answer", "empty-prompt", "duplicate", "conflict", "too-long"] == [
        e["kind"] for e in told["found"]
    ]
    assert [5, 6, 8, 10, 11, 12] == [number for each in told["found"] for number in each["numbers"]]
    assert told["training_tokens"] == 2 * told["train"]["total"]
    assert pytest.approx(told["training_tokens"] * 5000 / 1e6) == told["training_dollars"]
    assert ("suite", "2026-05-01", "o200k_base") == (
        told["price_source"],
        told["price_as_of"],
        told["train"]["counted_by"],
    )
    assert [48, 6] == [file["examples"] for file in told["files"]]


def test_a_price_that_nobody_gives_is_unknown_and_never_nothing(prepare: Any) -> None:
    said = prepare(*COLUMNS, "--fix", "--model", "gpt-4.1-mini")
    assert "Price of training: unknown. Give --prices FILE" in said.out
    assert "$0" not in said.out
    told = json.loads(prepare(*COLUMNS, "--fix", "--force", "--format", "json").out)
    assert (None, "none") == (told["training_dollars"], told["price_source"])


def test_an_output_in_the_way_is_kept_without_force(prepare: Any, tickets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare(*COLUMNS, "--fix")
    before = (out / "train.jsonl").read_text()
    said = prepare(*COLUMNS, "--fix", "--seed", "1")
    assert (7, before) == (said.code, (out / "train.jsonl").read_text())
    assert "--force replaces its files" in said.err
    assert 0 == prepare(*COLUMNS, "--fix", "--validation", "0", "--force").code
    assert (54, False) == (
        len((out / "train.jsonl").read_text().splitlines()),
        (out / "validation.jsonl").exists(),
    )


def test_the_input_is_never_the_output(prepare: Any, tickets: Path, tmp_path: Path) -> None:
    own = tickets.rename(tmp_path / "train.jsonl")
    said = prepare("-o", str(tmp_path), "--force", file=own)
    assert 7 == said.code
    assert "is the input, which is never changed" in said.err


def test_azure_gets_its_mark_and_other_tokenizers_are_estimated(prepare: Any, tmp_path: Path) -> None:
    prepare(*COLUMNS, "--fix", "-o", str(tmp_path / "azure"), provider="azure")
    assert (tmp_path / "azure" / "train.jsonl").read_bytes().startswith(b"\xef\xbb\xbf{")
    said = prepare(*COLUMNS, "--fix", provider="mistral")
    assert "(an estimate from above: not more than so many, likely fewer)" in said.out
    assert "mistral does not say how many it makes; give them with --epochs" in said.out


def test_too_few_examples_are_refused_though_all_is_mended(prepare: Any, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"messages": [{"role": "user", "content": "a"}]}\n')
    said = prepare("--fix", file=tmp_path / "r.jsonl")
    assert 1 == said.code
    assert "0 examples, and openai asks for at least 10" in said.out
    assert not (tmp_path / "out").exists()


def test_pairs_are_written_for_those_who_take_them(prepare: Any, tmp_path: Path) -> None:
    rows = [{"prompt": f"q {i}", "chosen": "good", "rejected": "bad"} for i in range(12)]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--method", "dpo", "--validation", "0")
    assert 0 == prepare(*options, file=tmp_path / "p.jsonl").code
    first = json.loads((tmp_path / "out" / "train.jsonl").read_text().splitlines()[0])
    assert {"input", "preferred_output", "non_preferred_output"} == first.keys()
    said = prepare(*options, "--force", file=tmp_path / "p.jsonl", provider="mistral")
    assert (2, True) == (said.code, "mistral does not tune by dpo" in said.err)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--kind", "nope"), 2, "--kind 'nope'"),
        (("--target", "nope"), 3, "column 'nope' is not in"),
        (("--task", "a"), 2, "--task 'a' is a suite's"),
        (("--prices", "none.yaml"), 2, "cannot be read"),
    ],
)
def test_what_cannot_be_is_said_with_its_own_exit_code(
    prepare: Any, words: tuple[str, ...], code: int, said: str
) -> None:
    told = prepare(*words)
    assert code == told.code
    assert said in told.err


def test_a_suite_says_itself_what_its_rows_are(prepare: Any, tmp_path: Path) -> None:
    said = prepare("--text", "body", "--validation", "0.2", file=tmp_path / "s.yaml")
    assert (2, True) == (said.code, "a suite says that itself: leave out --text, --validation" in said.err)


def test_texts_of_the_data_cannot_command_the_terminal(prepare: Any, tmp_path: Path) -> None:
    rows = [{"text": f"text {i} of this", "label": "xy"[i % 2]} for i in range(20)]
    rows[1]["text"], rows[1]["label"], rows[0]["label"] = rows[0]["text"], "\x1b[31m[bold]", "y"
    path = tmp_path / "r\x1b[32m.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = prepare(file=path)
    assert "\x1b" not in said.out
    assert "[31m[bold]" in said.out
