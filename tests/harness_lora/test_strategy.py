from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from harness import Brief, ChatModel, Example, Model, Opened, Query
from harness.errors import DataError, SuiteError
from harness.models import Role
from harness.prompts import request
from harness.records import Usage
from harness.testing import Tried, check_strategy, tiny_task, try_strategy
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel

TINY = tiny_task()
QUICK = {"model": "m", "rank": 4, "learning_rate": 1e-2, "batch_size": 4}


def tried(
    model: Path | Model, folder: Path, train: Sequence[Example] = TINY.train[:12], **params: object
) -> Tried:
    if isinstance(model, Path):
        model = TransformersModel(weights=str(model), dtype="float32")
    return try_strategy(
        LoRA.model_validate({**QUICK, **params}),
        folder=folder,
        train=train,
        validation=TINY.validation[:8],
        queries=TINY.test[:4],
        models={"m": model},
    )


def fit(folder: Path) -> Path:
    return folder / "trials" / "tiny" / "tried" / "0-0" / "fit"


def figures(tried: Tried, name: str) -> dict[str, object]:
    step = tried.steps[name]
    assert isinstance(step, dict)
    return {key: value for key, value in step.items() if key != "seconds"}


def trainings(entries: Sequence[object]) -> int:
    return sum(getattr(entry, "usage", Usage(model="m")).training_tokens > 0 for entry in entries)


@pytest.fixture(scope="module")
def unbroken(tiny_causal: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tried, Path]:
    folder = tmp_path_factory.mktemp("unbroken")
    return tried(tiny_causal, folder, epochs=3, dropout=0.1), folder


def test_the_loss_falls_and_each_epoch_is_in_the_record(unbroken: tuple[Tried, Path]) -> None:
    result, _ = unbroken
    losses = [figures(result, f"epoch-{n}")["train_loss"] for n in (1, 2, 3)]
    assert losses == sorted(losses, reverse=True)  # type: ignore[type-var]
    assert {"epoch", "validation_loss", "validation_metric", "learning_rate", "tokens"} <= set(
        figures(result, "epoch-3")
    )
    assert 4 == len(result.outcomes)


def test_every_row_is_booked_and_its_seconds_are_those_that_were_measured(unbroken: tuple[Tried, Path]) -> None:
    result, _ = unbroken
    booked = [entry.usage for entry in result.ledger if entry.usage.training_tokens]
    rows = figures(result, "rows")
    assert [rows["tokens"]] * 3 == [usage.training_tokens for usage in booked]
    assert all(0 < usage.device_seconds < 60 for usage in booked)


def test_only_the_best_adapter_stays_and_nothing_in_it_is_code(unbroken: tuple[Tried, Path]) -> None:
    _, folder = unbroken
    names = sorted(path.name for path in fit(folder).rglob("*") if path.is_file())
    assert ["adapter_config.json", "adapter_model.safetensors"] == names
    assert ["best"] == [path.name for path in fit(folder).iterdir()]


@pytest.mark.parametrize(("leases", "chats"), [(2, 100), (3, 100), (100, 1)])
def test_a_run_that_was_killed_ends_as_an_unbroken_one(
    leases: int,
    chats: int,
    tiny_causal: Path,
    unbroken: tuple[Tried, Path],
    breaking: Callable[..., Model],
    tmp_path: Path,
) -> None:
    with pytest.raises(KeyboardInterrupt):
        tried(breaking(str(tiny_causal), leases=leases, chats=chats), tmp_path, epochs=3, dropout=0.1)
    resumed = tried(tiny_causal, tmp_path, epochs=3, dropout=0.1)
    expected, folder = unbroken
    for step in ("rows", "epoch-1", "epoch-2", "epoch-3", "best"):
        assert figures(expected, step) == figures(resumed, step)
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        assert (fit(folder) / "best" / name).read_bytes() == (fit(tmp_path) / "best" / name).read_bytes()
    assert expected.outcomes == resumed.outcomes
    # What was finished before is not trained, and so not paid, again.
    assert 3 == trainings(resumed.paid)


def test_a_finished_trial_answers_again_without_training(
    unbroken: tuple[Tried, Path], tiny_causal: Path, breaking: Callable[..., Model]
) -> None:
    expected, folder = unbroken
    again = tried(breaking(str(tiny_causal), leases=0), folder, epochs=3, dropout=0.1)
    assert expected.outcomes == again.outcomes


def test_another_seed_trains_otherwise(tiny_causal: Path, unbroken: tuple[Tried, Path], tmp_path: Path) -> None:
    strategy = LoRA.model_validate({**QUICK, "epochs": 1})
    losses = []
    for seed in (0, 1):
        result = try_strategy(
            strategy,
            folder=tmp_path / str(seed),
            train=TINY.train[:12],
            validation=TINY.validation[:4],
            queries=TINY.test[:1],
            models={"m": TransformersModel(weights=str(tiny_causal), dtype="float32")},
            seed=seed,
        )
        losses.append(figures(result, "epoch-1")["train_loss"])
    assert losses[0] != losses[1]


def test_it_keeps_the_contract(tiny_causal: Path, tmp_path: Path) -> None:
    model = TransformersModel(weights=str(tiny_causal), dtype="float32")
    check_strategy(LoRA.model_validate({**QUICK, "epochs": 1}), folder=tmp_path, models={"m": model})


def test_batches_add_up_to_a_step_and_validation_to_a_cap(tiny_causal: Path, tmp_path: Path) -> None:
    result = tried(
        tiny_causal, tmp_path, epochs=1, batch_size=2, gradient_accumulation=4, validation_rows=3, weight_decay=0.1
    )
    assert 2 == figures(result, "epoch-1")["steps"]
    assert 3 == figures(result, "rows")["validation_rows"]


def test_without_validation_rows_the_last_epoch_answers_and_that_is_said(
    tiny_causal: Path, tmp_path: Path
) -> None:
    result = try_strategy(
        LoRA.model_validate({**QUICK, "epochs": 2, "patience": 1}),
        folder=tmp_path,
        train=TINY.train[:8],
        validation=(),
        queries=TINY.test[:1],
        models={"m": TransformersModel(weights=str(tiny_causal), dtype="float32")},
    )
    assert (2, "last") == (figures(result, "best")["epoch"], figures(result, "best")["by"])
    assert ("no validation rows: the last epoch answers, however well the ones before it did",) == result.warnings


def test_a_base_in_half_precision_has_adapters_in_full(tiny_causal: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    result = tried(TransformersModel(weights=str(tiny_causal), dtype="bfloat16"), tmp_path, epochs=3)
    losses = [float(str(figures(result, f"epoch-{n}")["train_loss"])) for n in (1, 2, 3)]
    assert losses == sorted(losses, reverse=True)
    adapter = load_file(fit(tmp_path) / "best/adapter_model.safetensors")
    assert {torch.float32} == {tensor.dtype for tensor in adapter.values()}


def test_the_base_answers_as_before(tiny_causal: Path, tmp_path: Path) -> None:
    asked = [request(TINY.brief, example.query) for example in TINY.test[:4]]

    def logprobs(chat: ChatModel) -> list[object]:
        answers = sorted(chat.complete(asked), key=lambda answered: answered.index)
        return [getattr(answered.completion, "logprobs", None) for answered in answers]

    with TransformersModel(weights=str(tiny_causal), dtype="float32").open() as model:
        assert model.chat is not None

        class Same(Model):
            roles: ClassVar[frozenset[Role]] = frozenset({"chat", "trainable"})

            @contextmanager
            def open(self) -> Iterator[Opened]:
                yield model

        before = logprobs(model.chat)
        result = tried(Same(), tmp_path, epochs=1)
        assert before == logprobs(model.chat)
        assert model.trainable is not None
        assert before != logprobs(model.trainable.chat(fit(tmp_path) / "best"))
        assert 4 == len(result.outcomes)


def test_patience_stops_and_the_best_epoch_answers(tiny_causal: Path, tmp_path: Path) -> None:
    # With such a rate it only gets worse: the first epochs are the best ones.
    result = tried(tiny_causal, tmp_path, epochs=8, learning_rate=0.3, patience=1, select="loss")
    best = figures(result, "best")
    losses = [figures(result, f"epoch-{n}")["validation_loss"] for n in range(1, int(str(best["epochs"])) + 1)]
    assert best["stopped_early"]
    assert len(losses) < 8
    assert min(losses) == best["validation_loss"] == losses[int(str(best["epoch"])) - 1]  # type: ignore[type-var]
    assert best["epoch"] == len(losses) - 1


def test_rows_that_are_too_long_are_left_out_and_counted(tiny_causal: Path, tmp_path: Path) -> None:
    long = Example(query=Query(id="long", text="lovely " * 60), targets=("positive",))
    result = tried(tiny_causal, tmp_path, [*TINY.train[:8], long], epochs=1, max_length=300)
    rows = figures(result, "rows")
    assert (8, 1) == (rows["rows"], rows["left_out"])
    assert ("1 of 9 training rows are longer than 300 tokens and were left out",) == result.warnings


def test_where_all_rows_are_too_long_the_length_is_named(tiny_causal: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as error:
        tried(tiny_causal, tmp_path, max_length=8)
    assert DataError.__name__ in str(error.value)
    assert "all 12 training rows are longer than 8 tokens: raise max_length" in str(error.value)


def test_unknown_target_modules_are_named_with_what_there_is(tiny_causal: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as error:
        tried(tiny_causal, tmp_path, target_modules=["q_prj"])
    assert SuiteError.__name__ in str(error.value)
    assert "no module 'q_prj'" in str(error.value)
    assert "Did you mean 'q_proj'?" in str(error.value)


def test_a_loss_that_is_no_number_ends_it_with_advice(tiny_causal: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"training diverged in epoch 1.*learning_rate below 1\.0"):
        tried(tiny_causal, tmp_path, learning_rate=1.0, alpha=1e30, warmup_ratio=0, max_grad_norm=None, epochs=1)


def test_free_text_is_learnt_by_its_loss(tiny_causal: Path, tmp_path: Path) -> None:
    brief = Brief(name="tiny", instructions="Say it louder.", kind="text", max_output_tokens=4)
    rows = [Example(query=Query(id=f"q{i}", text=f"word {i}"), targets=("WORD",)) for i in range(12)]
    result = try_strategy(
        LoRA.model_validate({**QUICK, "epochs": 6}),
        folder=tmp_path,
        brief=brief,
        train=rows[:8],
        validation=rows[8:10],
        queries=rows[10:],
        models={"m": TransformersModel(weights=str(tiny_causal), dtype="float32")},
    )
    best = figures(result, "best")
    assert ("loss", None) == (best["by"], best["validation_metric"])
    assert 0.1 > float(str(best["validation_loss"]))
    assert [("WORD",), ("WORD",)] == [getattr(o, "answers", None) for o in result.outcomes.values()]


def test_several_labels_are_learnt_as_a_list(tiny_causal: Path, tmp_path: Path) -> None:
    brief = Brief(
        name="tiny", instructions="Which?", kind="labels", labels={"a": "", "b": ""}, max_output_tokens=12
    )
    rows = [Example(query=Query(id=f"q{i}", text=f"word {i}"), targets=("a", "b")) for i in range(12)]
    result = try_strategy(
        LoRA.model_validate({**QUICK, "epochs": 12, "select": "metric"}),
        folder=tmp_path,
        brief=brief,
        train=rows[:8],
        validation=rows[8:10],
        queries=rows[10:],
        models={"m": TransformersModel(weights=str(tiny_causal), dtype="float32")},
    )
    assert 1.0 == figures(result, "best")["validation_metric"]
    assert [("a", "b"), ("a", "b")] == [getattr(o, "answers", None) for o in result.outcomes.values()]


@pytest.mark.parametrize(
    "wrong", [{"rank": 0}, {"dropout": 1.0}, {"learning_rate": 0}, {"warmup_ratio": 1.1}, {"epochs": 0}, {"r": 8}]
)
def test_parameters_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        LoRA.model_validate({"model": "m", **wrong})
