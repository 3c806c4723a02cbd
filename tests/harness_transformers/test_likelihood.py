"""The engine against one full forward pass for each choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from harness import ChatModel, Completion, Failed, Message, Opened, Request
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.loading import Loaded

pytestmark = pytest.mark.models
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
Expected = Callable[[Request], dict[str, float]]


def user(text: str) -> Message:
    return Message(role="user", content=text)


def assistant(text: str) -> Message:
    return Message(role="assistant", content=text)


def small_batches(bare: Loaded, tokens: int) -> LocalChat:
    return LocalChat(bare.module, bare.tokenizer, Served("small batches", "this", 8192, tokens))


def test_choices_have_the_likelihood_of_a_plain_forward_pass(
    chat: ChatModel, requests: list[Request], ask: Ask, expected: Expected
) -> None:
    for request, completion in list(zip(requests, ask(chat, requests), strict=True))[1:4]:
        right = expected(request)
        assert right == pytest.approx(completion.logprobs, abs=1e-3)
        assert max(right, key=right.__getitem__) == completion.text
        assert "likelihood" == completion.asked
        assert completion.probabilities is not None
        assert 1.0 == pytest.approx(sum(completion.probabilities.values()))


def test_labels_of_several_tokens_and_one_that_begins_another_are_scored_to_their_end(
    chat: ChatModel, bare: Loaded, ask: Ask, expected: Expected
) -> None:
    choices = ("refund", "refund status", "refund status unclear", "card arrival", "lost or stolen card", "re")
    texts = ("where is my money?", "my card is gone")
    requests = [Request(messages=(user(text),), choices=choices) for text in texts]

    for request, completion in zip(requests, ask(chat, requests), strict=True):
        right = expected(request)
        assert completion.logprobs is not None
        assert right == pytest.approx(completion.logprobs, abs=1e-3)
        assert sorted(choices, key=right.__getitem__) == sorted(choices, key=completion.logprobs.__getitem__)
        lengths = {c: len(bare.tokenizer(c, add_special_tokens=False)["input_ids"]) + 1 for c in choices}
        assert lengths == completion.choice_tokens


def test_eight_demonstrations_before_each_question_change_nothing_in_that(
    chat: ChatModel, requests: list[Request], ask: Ask, expected: Expected
) -> None:
    shown = []
    for i in range(8):
        shown += [user(f"seat {i}"), assistant(requests[0].choices[i % 3])]
    many = [r.model_copy(update={"messages": (*shown, *r.messages)}) for r in requests[:2]]
    # One is shown other demonstrations, as few-shot does for a row that is among them.
    many.append(requests[3].model_copy(update={"messages": (*shown[2:], *requests[3].messages)}))

    for request, completion in zip(many, ask(chat, many), strict=True):
        assert expected(request) == pytest.approx(completion.logprobs, abs=1e-3)


def test_earlier_turns_and_a_system_message_are_part_of_the_prompt(
    chat: ChatModel, requests: list[Request], ask: Ask, expected: Expected
) -> None:
    earlier = (
        Message(role="system", content="You judge tweets."),
        user("hello"),
        assistant("Hello! What is it?"),
    )
    request = requests[0].model_copy(update={"messages": (*earlier, *requests[0].messages)})

    first, plain = ask(chat, [request, requests[0]])

    assert expected(request) == pytest.approx(first.logprobs, abs=1e-3)
    assert expected(request) != pytest.approx(plain.logprobs, abs=1e-3)


def test_neither_batches_nor_company_nor_order_matter(bare: Loaded, requests: list[Request], ask: Ask) -> None:
    together = ask(small_batches(bare, 4096), requests)
    apart = ask(small_batches(bare, 1), requests)
    backwards = ask(small_batches(bare, 120), requests[::-1])[::-1]
    one_by_one = small_batches(bare, 4096)
    alone = [ask(one_by_one, [request])[0] for request in requests]

    for row in zip(together, apart, backwards, alone, strict=True):
        assert row[0].logprobs is not None
        for other in row[1:]:
            assert row[0].logprobs == pytest.approx(other.logprobs, abs=1e-3)


def test_questions_with_different_choices_share_a_call(
    chat: ChatModel, requests: list[Request], ask: Ask, expected: Expected
) -> None:
    mixed = [
        requests[0],
        requests[1].model_copy(update={"choices": ("yes", "no")}),
        requests[2].model_copy(update={"choices": (), "max_tokens": 2}),
    ]

    closed, other, opened = ask(chat, mixed)

    assert expected(mixed[0]) == pytest.approx(closed.logprobs, abs=1e-3)
    assert expected(mixed[1]) == pytest.approx(other.logprobs, abs=1e-3)
    assert ("text", None) == (opened.asked, opened.logprobs)


def test_seconds_of_a_call_are_shared_out_by_tokens(chat: ChatModel, requests: list[Request], ask: Ask) -> None:
    import time

    began = time.perf_counter()
    found = ask(chat, requests)
    wall = time.perf_counter() - began

    seconds = [completion.seconds for completion in found]
    assert 0.5 * wall < sum(seconds) <= wall
    assert seconds == [completion.usage.device_seconds for completion in found]
    longest = max(range(len(found)), key=lambda i: found[i].usage.input_tokens)
    assert max(seconds) == seconds[longest]
    assert {0} == {completion.usage.output_tokens for completion in found}


def test_a_prompt_beyond_the_window_fails_alone_with_both_numbers(
    bare: Loaded, requests: list[Request], ask: Ask
) -> None:
    narrow = LocalChat(bare.module, bare.tokenizer, Served("narrow", "this", 100, 2048))
    long = requests[1].model_copy(update={"messages": (user("word " * 120),), "query_id": "q7"})

    found = {a.index: a.completion for a in narrow.complete([requests[0], long])}

    assert isinstance(found[0], Completion)
    failed = found[1]
    assert isinstance(failed, Failed)
    assert ("q7", "too-long") == (failed.query_id, failed.kind)
    assert f"prompt of {narrow.tokens(long)} tokens and answer of up to 1 exceed the window of 100" == failed.error


def test_tokens_are_those_of_the_prompt_as_sent(
    chat: ChatModel, requests: list[Request], prompt_ids: Callable[[Request], list[int]]
) -> None:
    assert len(prompt_ids(requests[0])) == chat.tokens(requests[0])


def test_no_requests_get_no_answers(chat: ChatModel) -> None:
    assert [] == list(chat.complete([]))


def test_what_is_served_says_its_weights_and_number_format(smollm: Opened, chat: ChatModel) -> None:
    assert chat.identity.startswith("smollm2-135m-instruct@b179c9523d0e6a0f/float32/")
    assert 8192 == chat.window
    assert smollm.embedder is None


def test_the_engine_says_nothing_on_the_terminal(
    chat: ChatModel, requests: list[Request], capfd: pytest.CaptureFixture[str]
) -> None:
    list(chat.complete(requests[:2]))

    assert ("", "") == tuple(capfd.readouterr())


def test_sixty_labels_that_begin_each_other_have_the_likelihoods_of_plain_passes(
    sixty: SimpleNamespace, chat: ChatModel, ask: Ask, expected: Expected
) -> None:
    request = Request(messages=(user("my card was declined in Spain"),), choices=tuple(sixty.brief.labels))
    [completion] = ask(chat, [request])
    assert expected(request) == pytest.approx(completion.logprobs, abs=1e-3)
