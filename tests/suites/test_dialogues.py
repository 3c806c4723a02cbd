"""The made dialogues and the page of the docs about them: earlier turns help, as the page says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import Brief, Example, Message, Model, Prediction, Query, Strategy
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.suite.load import load_suite
from harness.testing import HashEmbedder, ScriptedModel, try_strategy
from harness_features.features import Features
from harness_features.knn import NearestNeighbours
from harness_features.tfidf import TfIdf
from harness_fewshot.fewshot import FewShot
from harness_lora.strategy import LoRA
from harness_retrieval.retrieval import Retrieval
from harness_transformers.model import TransformersModel

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```(yaml|json)\n(.*?)```", (ROOT / "docs" / "dialogue.md").read_text(), flags=re.DOTALL)
SUITES = [block for kind, block in BLOCKS if kind == "yaml" and "name:" in block.splitlines()[0]]
MODELS = {"e": HashEmbedder(width=512), "m": ScriptedModel()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made files, and the suites of the docs beside them."""
    made = tmp_path_factory.mktemp("dialogues")
    for name in ("dialogues.csv", "chats.jsonl"):
        subprocess.run([sys.executable, ROOT / "suites/made/dialogues.py", made / name], check=True)
    for block in SUITES:
        (made / f"{re.match('name: (.*)', block)[1]}.yaml").write_text(block)  # type: ignore[index]
    return made


@pytest.fixture(scope="module")
def read(folder: Path) -> Callable[[str], TaskData]:
    def read(name: str) -> TaskData:
        (task,) = load_suite(folder / f"{name}.yaml").suite.tasks
        return load_task(task, folder, {})

    return read


def alone(data: TaskData) -> TaskData:
    """The same without earlier turns."""

    def last(examples: tuple[Example, ...]) -> tuple[Example, ...]:
        none = {"history": ()}
        return tuple(e.model_copy(update={"query": e.query.model_copy(update=none)}) for e in examples)

    return TaskData(data.brief, last(data.train), last(data.validation), last(data.test), "", data.report)


def accuracy(strategy: Strategy, data: TaskData, folder: Path, models: dict[str, Model] | None = None) -> float:
    seen = try_strategy(
        strategy,
        folder=folder,
        brief=data.brief,
        train=data.train,
        validation=data.validation,
        queries=data.test,
        models=models or MODELS,
    )
    given = [(seen.outcomes[e.query.id], e.targets) for e in data.test]
    return sum(isinstance(o, Prediction) and o.answers == targets for o, targets in given) / len(given)


@pytest.mark.parametrize(
    "strategy", [TfIdf(), NearestNeighbours(embedder="e"), Features(embedder="e")], ids=lambda s: type(s).__name__
)
def test_earlier_turns_tell_what_the_last_alone_does_not(
    strategy: Strategy, read: Callable[[str], TaskData], tmp_path: Path
) -> None:
    data = read("intents")
    assert (120, 40, 80) == (len(data.train), len(data.validation), len(data.test))
    assert accuracy(strategy, data, tmp_path / "with") > 0.7
    assert accuracy(strategy, alone(data), tmp_path / "without") < 0.5


@pytest.mark.models
def test_so_they_do_for_a_tuned_encoder(read: Callable[[str], TaskData], tmp_path: Path) -> None:
    data = read("intents")
    encoder: dict[str, Model] = {"m": TransformersModel(weights="all-minilm-l6-v2", dtype="float32")}
    lora = LoRA(model="m", epochs=4, learning_rate=2e-3)
    assert accuracy(lora, data, tmp_path / "with", encoder) > 0.8


def test_the_chats_of_the_docs_are_read_as_the_docs_say(folder: Path, read: Callable[[str], TaskData]) -> None:
    data = read("replies")
    assert (120, 40, 80) == (len(data.train), len(data.validation), len(data.test))
    example = data.test[0]
    assert ["user", "assistant", "user", "assistant"] == [turn.role for turn in example.query.history]
    assert example.targets[0].startswith("I have ")
    (block,) = [block for kind, block in BLOCKS if kind == "json"]
    assert {"messages"} == json.loads(block).keys()


BRIEF = Brief(name="t", instructions="Which?", kind="label", labels={"a": "", "b": ""}, max_output_tokens=2)


def dialogue(row: str, first: str, turns: int = 1) -> Query:
    history = [Message(role="user", content=first)] * turns
    return Query(id=row, text="yes please", history=tuple(history))


@pytest.mark.parametrize("strategy", [FewShot(model="m", shots=2), Retrieval(model="m", embedder="e", k=2)])
def test_prompts_keep_their_limit_by_demonstrations_first_and_by_old_turns_then(
    strategy: Strategy, tmp_path: Path
) -> None:
    train = [Example(query=dialogue(f"r{i}", f"card {i} gone"), targets=("ab"[i % 2],)) for i in range(4)]
    seen = try_strategy(
        strategy,
        folder=tmp_path,
        brief=BRIEF,
        train=train,
        validation=train[:1],
        queries=[dialogue("short", "card 9 gone"), dialogue("long", "many words here", 60)],
        models={"e": HashEmbedder(), "m": ScriptedModel(window=90)},
    )
    short, long = seen.outcomes["short"], seen.outcomes["long"]
    assert isinstance(short, Prediction)
    assert isinstance(long, Prediction)
    assert "truncated" not in short.notes
    assert "history" == long.notes["truncated"]
    assert 1 == len(seen.exchanges["long"][-1].messages)
    assert 5 == len(seen.exchanges["short"][-1].messages)


def test_a_row_of_the_same_last_turn_may_be_shown_and_one_of_the_same_turns_may_not(tmp_path: Path) -> None:
    train = [Example(query=dialogue("other", "limit up"), targets=("a",))]
    train.append(Example(query=dialogue("same", "card gone"), targets=("b",)))
    seen = try_strategy(
        Retrieval(model="m", embedder="e", k=2),
        folder=tmp_path,
        brief=BRIEF,
        train=train,
        validation=(),
        queries=[dialogue("asked", "Card  gone")],
        models=MODELS,
    )
    asked = seen.outcomes["asked"]
    assert isinstance(asked, Prediction)
    assert ["other"] == [each.rpartition(":")[0] for each in asked.notes["demonstrations"].split()]
