from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import ChatModel, Completion, ModelError, Opened, Request, Trainable

if TYPE_CHECKING:
    import torch

# Said by peft of transformers; nothing that this plugin could do.
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")]
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
TARGETS = ["q_proj", "v_proj", "down_proj"]


def tune(module: torch.nn.Module, ids: Sequence[int], folder: Path) -> None:
    """A few steps of LoRA on one text, saved."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    tuned = get_peft_model(module, LoraConfig(r=4, target_modules=TARGETS, task_type="CAUSAL_LM"))
    tuned.train()
    optimizer = torch.optim.AdamW((p for p in tuned.parameters() if p.requires_grad), lr=1e-2)
    batch = torch.tensor([list(ids)])
    for _ in range(3):
        tuned(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    tuned.save_pretrained(folder)


def frozen(opened: Opened) -> dict[str, torch.Tensor]:
    module = opened.chat._engine.module  # type: ignore[union-attr]
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.fixture(scope="module")
def folder(trainable: Trainable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuned")
    with trainable.lease("causal") as weights:
        tune(weights.module, weights.tokenizer("the answer is positive")["input_ids"], folder)
    return folder


def test_a_lease_leaves_the_base_bit_for_bit_as_it_was(
    smollm: Opened, trainable: Trainable, tmp_path: Path, chat: ChatModel, requests: list[Request], ask: Ask
) -> None:
    requests = requests[:2]
    before, said = frozen(smollm), ask(chat, requests)
    with trainable.lease("causal") as weights:
        tune(weights.module, [1, 2, 3, 4], tmp_path)
        during = ask(chat, requests)
    after = frozen(smollm)

    assert list(before) == list(after)
    assert all(bool((before[name] == after[name]).all()) for name in before)
    assert [c.logprobs for c in said] == [pytest.approx(c.logprobs, abs=1e-5) for c in during]
    assert not smollm.chat._engine.module.training  # type: ignore[union-attr]


def test_weights_written_in_place_are_loaded_anew(smollm: Opened, trainable: Trainable) -> None:
    import torch

    before = frozen(smollm)
    with torch.no_grad(), trainable.lease("causal") as weights:
        next(weights.module.parameters()).mul_(2)
    after = frozen(smollm)

    assert all(bool((before[name] == after[name]).all()) for name in before)


def test_a_lease_is_exclusive(trainable: Trainable) -> None:
    import threading

    order: list[str] = []

    def second() -> None:
        with trainable.lease("causal"):
            order.append("second")

    thread = threading.Thread(target=second)
    with trainable.lease("causal"):
        thread.start()
        thread.join(timeout=0.3)
        order.append("first")
    thread.join()

    assert ["first", "second"] == order


def test_what_was_tuned_answers_otherwise_and_under_its_own_name(
    chat: ChatModel, trainable: Trainable, folder: Path, requests: list[Request], ask: Ask
) -> None:
    tuned = trainable.chat(folder)

    assert tuned.identity.startswith(chat.identity + "+")
    assert tuned.identity == trainable.chat(folder).identity
    for base, other in zip(ask(chat, requests[:2]), ask(tuned, requests[:2]), strict=True):
        assert base.logprobs != pytest.approx(other.logprobs, abs=0.1)


def test_merged_answers_are_those_of_the_adapter_beside_the_weights(
    trainable: Trainable,
    folder: Path,
    requests: list[Request],
    ask: Ask,
    forward: Callable[[object, Sequence[int], Sequence[int]], float],
    prompt_ids: Callable[[Request], list[int]],
) -> None:
    from peft import PeftModel

    said = ask(trainable.chat(folder), requests[:2])
    with trainable.lease("causal") as weights:
        unmerged = PeftModel.from_pretrained(weights.module, folder).eval()
        for request, completion in zip(requests[:2], said, strict=True):
            ids = weights.tokenizer("positive", add_special_tokens=False)["input_ids"]
            right = forward(unmerged, prompt_ids(request), ids)
            assert completion.logprobs is not None
            assert right == pytest.approx(completion.logprobs["positive"], abs=1e-3)


def test_another_adapter_in_the_same_folder_has_another_identity(
    trainable: Trainable, folder: Path, tmp_path: Path
) -> None:
    before = trainable.chat(folder).identity
    with trainable.lease("causal") as weights:
        tune(weights.module, [5, 6, 7], tmp_path)

    assert before != trainable.chat(tmp_path).identity


def test_a_folder_without_an_adapter_is_refused(trainable: Trainable, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no adapter_model\.safetensors"):
        trainable.chat(tmp_path)


def test_an_adapter_of_another_model_is_refused(trainable: Trainable, encoder: Trainable, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    with encoder.lease("labels", ["no", "yes"]) as weights:
        config = LoraConfig(r=2, target_modules=["query"], task_type="SEQ_CLS")
        get_peft_model(weights.module, config).save_pretrained(tmp_path)

    with pytest.raises(ModelError, match="does not fit this model"):
        trainable.chat(tmp_path)


def test_a_language_model_takes_no_labels_and_an_encoder_no_chat(
    trainable: Trainable, encoder: Trainable, tmp_path: Path
) -> None:
    assert frozenset({"causal"}) == trainable.heads
    assert frozenset({"labels"}) == encoder.heads
    with (
        pytest.raises(ModelError, match="takes the head causal, not 'labels'"),
        trainable.lease("labels", ["a", "b"]),
    ):
        pass
    with pytest.raises(ModelError, match="takes the head labels, not 'causal'"), encoder.lease("causal"):
        pass
    with pytest.raises(ModelError, match="does not chat"):
        encoder.chat(tmp_path)
    with pytest.raises(ModelError, match="no classification head"):
        trainable.classifier(tmp_path)


def test_a_model_that_is_opened_twice_is_in_memory_once() -> None:
    from harness_transformers.model import TransformersModel

    model = TransformersModel(weights="smollm2-135m-instruct", dtype="float32", device="cpu")
    with model.open() as first, model.open() as second:
        assert first.chat._engine.module is second.chat._engine.module  # type: ignore[union-attr]
