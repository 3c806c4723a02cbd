from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.finetuning import FileRules
from harness.trainingfiles import Line, check, counter_for
from harness.trainingfiles.mending import mend
from harness.trainingfiles.reading import read_texts

RULES = FileRules(provider="openai", methods=("supervised", "dpo"))
COUNTER = counter_for("openai")
A = '{"role": "user", "content": "a"}'


def line(prompt: str, answer: str, number: int = 0, rejected: str | None = None) -> Line:
    turns = ({"role": "user", "content": prompt},)
    worse = () if rejected is None else ({"role": "assistant", "content": rejected},)
    return Line(turns, ({"role": "assistant", "content": answer},), f"f.csv line {number}", number, worse)


def found(
    train: Sequence[Line], validation: Sequence[Line] = (), rules: FileRules = RULES, *, free: bool = False
) -> list[tuple[str, tuple[int, ...], bool]]:
    findings = check(train, validation, rules, COUNTER, free=free).findings
    return [(each.kind, each.numbers, each.refused) for each in findings]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert [] == found([line("a", "x", 2), line("b", "x", 3)], [line("c", "y", 4)])


def test_each_line_is_named_for_what_is_wrong_with_it() -> None:
    rules = RULES.model_copy(update={"example_tokens": 20})
    lines = [
        line("a", " ", 2),
        line(" ", "x", 3),
        line("word " * 30, "x", 4),
        line("b", "x", 5),
        line("b", "x", 6),
    ]
    assert [
        ("empty-answer", (2,), True),
        ("empty-prompt", (3,), True),
        ("too-long", (4,), True),
        ("duplicate", (6,), False),
    ] == found(lines, rules=rules)


def test_a_prompt_with_two_labels_is_a_conflict_and_with_two_free_answers_is_none_to_mend() -> None:
    lines = [line("a", "x", 2), line("a", "x", 3), line("a", "y", 4), line("b", "y", 5)]
    closed, free = (check(lines, (), RULES, COUNTER, free=free).findings for free in (False, True))
    assert [("conflict", (0, 1, 2)), ("duplicate", (1,))] == [(each.kind, each.train) for each in closed]
    assert "'x', 'y'" in closed[0].what
    assert [("conflict", tuple(each.place for each in lines[:3]))] == [
        tuple(each) for each in mend(lines, (), closed).left_out
    ]
    assert [("conflict", ()), ("duplicate", (1,))] == [(each.kind, each.train) for each in free]


def test_answers_that_come_back_are_taken_for_labels() -> None:
    labels = [line(f"p{i}", "xy"[i % 2], i) for i in range(10)]
    texts = [line(f"p{i}", f"answer {i}", i) for i in range(10)]
    for lines, left_out in (([*labels, line("p0", "y", 99)], (0, 10)), ([*texts, line("p0", "other", 99)], ())):
        [conflict] = check(lines, (), RULES, COUNTER).findings
        assert left_out == conflict.train


def test_pairs_conflict_where_one_prefers_what_another_rejects() -> None:
    lines = [line("a", "x", 2, "y"), line("a", "y", 3, "x"), line("a", "x", 4, "z"), line("b", "x", 5, "x")]
    assert [("conflict", (2, 3), False), ("same-answers", (5,), False)] == found(lines)


def test_a_prompt_of_validation_that_stands_in_train_is_left_out_of_validation() -> None:
    train, validation = [line("a", "x", 2)], [line("a", "x", 9), line("b", "x", 10)]
    assert [("overlap", (9,), False)] == found(train, validation)
    mended = mend(train, validation, check(train, validation, RULES, COUNTER).findings)
    assert ([2], [10]) == ([each.number for each in mended.train], [each.number for each in mended.validation])
    assert [("overlap", ("f.csv line 9",))] == [tuple(each) for each in mended.left_out]


def test_what_the_provider_refuses_of_the_whole_file_is_found() -> None:
    lines = [line("a", "x" * 300, 2)]
    small = RULES.model_copy(update={"minimum": 10, "file_bytes": 200, "methods": ("dpo",)})
    assert [("too-few", (), True), ("too-large", (), True), ("method", (), True)] == found(lines, rules=small)
    assert [("method", (), True)] == found([line("a", "x", 2), line("b", "x", 3, "y")])


def test_the_size_is_that_of_the_file_however_it_is_told() -> None:
    lines = [line("é" * 1000, "x", 2)]
    exact = 2000 + len('{"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": "x"}]}\n')
    assert [] == found(lines, rules=RULES.model_copy(update={"file_bytes": exact}))
    assert ["too-large"] == [
        each[0] for each in found(lines, rules=RULES.model_copy(update={"file_bytes": exact - 1}))
    ]


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ('{"role": "robot", "content": "a"}', "role 'robot'"),
        ('{"role": "user", "content": "a"}, {"role": "system", "content": "b"}', "stands behind the user"),
        ('{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}', "no assistant's turn"),
        (f'{A}, {{"role": "assistant", "content": "b", "weight": 0.5}}, {A}', "0 or 1"),
        ('{"role": "user", "content": "a"}, {"role": "user", "content": "b"}', "both of the user"),
    ],
)
def test_turns_in_no_order_are_found(turns: str, said: str) -> None:
    text = f'{{"messages": [{turns}, {{"role": "assistant", "content": "x"}}]}}'
    lines = read_texts([text], "f").lines
    [finding, *_] = check(lines, (), RULES.model_copy(update={"provider": "together"}), COUNTER).findings
    assert ("roles", (1,)) == (finding.kind, finding.numbers)
    assert said in finding.what


def test_two_turns_of_one_speaker_are_refused_by_those_who_refuse_them() -> None:
    text = f'{{"messages": [{A}, {A}, {{"role": "assistant", "content": "x"}}]}}'
    lines = read_texts([text], "f").lines
    assert ([], ["roles"]) == tuple(
        [each[0] for each in found(lines, rules=FileRules(provider=name))] for name in ("openai", "mistral")
    )


def test_the_tokens_are_the_sum_over_the_lines_and_the_longest_of_them() -> None:
    tokens = check([line("a", "x"), line("a b c", "x")], [line("a", "x")], RULES, COUNTER)
    assert (28, 15, 13) == (tokens.tokens.total, tokens.tokens.longest, tokens.validation.total)
