"""Training of adapters against transformers' Trainer with peft: examples per second, and what was learnt.

SmolLM2-135M-Instruct, rank 8 on all linear layers, batches of 8 of the tweets of `suites/sentiment.yaml`, float32
where the processor has no bfloat16. Both sides take the same rows, the same number of steps, the same learning
rate and loss on the answer alone; all else is the defaults of each. Once each side trains on all 400 rows and is
asked the 100 validation rows; then both train on a portion, in turns. Ours is timed from tokenising to the adapter
on disk, the peer within `Trainer.train`. About ten minutes on two cores.

    python -m benchmarks.speed.training
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.speed import training_peer
from benchmarks.speed.ratios import Line, alternating, keep, paired
from harness import Example, Prediction, Prompted, Trainable, Wording
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.prompts import answer_text, request
from harness.suite.load import load_suite, task_of
from harness.testing import try_strategy
from harness_lora.conversation import Conversation
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel

SUITE = Path(__file__).parents[2] / "suites" / "sentiment.yaml"
MODEL = TransformersModel(weights="smollm2-135m-instruct")
PARAMS = LoRA(model="m", rank=8, alpha=16, batch_size=8, epochs=1, learning_rate=1e-3)


class Run(NamedTuple):
    """What a side took for an epoch, and the folder of the adapter."""

    rate: float  # examples per second
    adapter: Path


@dataclass
class Sides:
    """Both ways to train."""

    data: TaskData
    trainable: Trainable
    folder: Path

    def ours(self, train: Sequence[Example]) -> Run:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        query = self.data.validation[0].query
        tried = try_strategy(
            PARAMS,
            folder=folder,
            brief=self.data.brief,
            train=train,
            validation=(),
            queries=[query],
            models={"m": MODEL},
        )
        epoch = tried.steps["epoch-1"]
        assert isinstance(epoch, dict)
        (adapter,) = folder.rglob("best/adapter_config.json")
        return Run(len(train) / float(str(epoch["seconds"])), adapter.parent)

    def peers(self, train: Sequence[Example]) -> Run:
        brief, wording = self.data.brief, Wording()
        adapter = Path(tempfile.mkdtemp(dir=self.folder))
        with self.trainable.lease("causal") as weights:
            row = Conversation(weights.tokenizer).row
            rows = [
                row(
                    request(brief, each.query, wording=wording).messages, answer_text(brief, each.targets, wording)
                )
                for each in train
            ]
            seconds = training_peer.train(weights, rows, PARAMS, adapter)
        return Run(len(train) / seconds, adapter)

    def right(self, adapter: Path) -> int:
        """Right answers to the validation rows; both sides are asked by the same engine."""
        prompted = Prompted(self.trainable.chat(adapter), self.data.brief)
        target = {example.query.id: example.targets for example in self.data.validation}
        answers = prompted.answer([example.query for example in self.data.validation])
        return sum(isinstance(each, Prediction) and each.answers == target[each.query_id] for each in answers)


def main(portion: int = 96, whole: int | None = None) -> None:
    """Measures and keeps.

    Args:
        portion: Rows of the rounds after the first.
        whole: Rows of the first; None for all.
    """
    loaded = load_suite(SUITE)
    data = load_task(task_of(loaded, "tweets-binary"), loaded.folder, loaded.registry.sources)
    with tempfile.TemporaryDirectory() as folder, MODEL.open() as opened:
        assert opened.trainable is not None
        sides = Sides(data, opened.trainable, Path(folder))
        train = data.train[:whole]
        peer, ours = sides.peers(train), sides.ours(train)
        right = [sides.right(side.adapter) for side in (ours, peer)]
        some = data.train[:portion]
        rates = alternating([lambda: sides.ours(some).rate, lambda: sides.peers(some).rate], 2)
        dtype = next(opened.trainable.base.module.parameters()).dtype
    held = len(data.validation)
    line = Line(
        work=f"LoRA, rank 8, batches of 8: {len(train)} tweets once, {portion} twice; examples per second",
        against=f"transformers {version('transformers')} Trainer with peft {version('peft')}, "
        f"{str(dtype).removeprefix('torch.')}",
        sense="least",
        goal=3,
        ratio=paired([ours.rate, *rates[0]], [peer.rate, *rates[1]]),
        same=f"accuracy on {held} validation rows: {right[0]} of {held}, peer {right[1]} of {held}",
    )
    keep("training", [line])


if __name__ == "__main__":
    main()
