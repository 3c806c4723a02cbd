from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from harness.records import Brief, Example
from harness.trainingfiles import Pair, preferences, rules_of, write, write_lines


def test_a_file_is_told_by_its_size_and_hash_and_is_the_owners_alone(
    tmp_path: Path, brief: Brief, examples: list[Example]
) -> None:
    path = tmp_path / "train.jsonl"
    written = write(path, brief, examples, None, rules_of("openai"), model="gpt-4.1-mini")
    data = path.read_bytes()
    assert (12, len(data), hashlib.sha256(data).hexdigest()) == (written.examples, written.bytes, written.sha256)
    assert ("o200k_base", ()) == (written.tokens.counted_by, written.findings)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert written == write(path, brief, examples, None, rules_of("openai"), model="gpt-4.1-mini")


def test_azure_gets_its_byte_order_mark(tmp_path: Path, brief: Brief, examples: list[Example]) -> None:
    for name, mark in (("azure", True), ("openai", False)):
        write(tmp_path / name, brief, examples, None, rules_of(name))
        assert mark == (tmp_path / name).read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_file_that_the_provider_would_refuse_says_so(
    tmp_path: Path, brief: Brief, examples: list[Example]
) -> None:
    written = write(tmp_path / "train.jsonl", brief, examples[:9], None, rules_of("openai"))
    assert ["too-few"] == [each.kind for each in written.refused]


def test_a_validation_file_may_be_small_and_has_no_prompt_of_train(
    tmp_path: Path, brief: Brief, examples: list[Example]
) -> None:
    path, rules = tmp_path / "validation.jsonl", rules_of("openai")
    assert () == write(path, brief, examples[10:], None, rules, train=examples[:10]).findings
    [finding] = write(path, brief, examples[9:], None, rules, train=examples[:10]).findings
    assert ("overlap", (1,), False) == (finding.kind, finding.numbers, finding.refused)


def test_pairs_for_a_provider_without_dpo_are_refused(tmp_path: Path, examples: list[Example]) -> None:
    lines = list(preferences(Pair(each.query, "a", "b") for each in examples))
    refused = {
        name: [each.kind for each in write_lines(tmp_path / "p.jsonl", lines, rules_of(name)).refused]
        for name in ("openai", "mistral")
    }
    assert {"openai": [], "mistral": ["method"]} == refused
