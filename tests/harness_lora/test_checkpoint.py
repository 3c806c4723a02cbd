from __future__ import annotations

import json
import resource
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch

from harness.errors import StoreError
from harness_lora import adapter, checkpoint
from harness_lora.head import Head
from harness_lora.records import Trained
from harness_lora.strategy import LoRA

TRAINED = Trained(
    train_loss=1.0, train_accuracy=0.5, gradient_norm=1.0, learning_rate=1e-4, steps=1, tokens=10, seconds=1.0
)

HEAD = cast(Head, SimpleNamespace(identity="tiny@1", labels=()))


def tuned(folder: Path) -> torch.nn.Module:
    from transformers import AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(0)
        return adapter.fresh(AutoModelForCausalLM.from_pretrained(folder), LoRA(model="m", rank=2), "CAUSAL_LM")


def stepped(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    for number, parameter in enumerate(p for p in model.parameters() if p.requires_grad):
        parameter.grad = torch.full_like(parameter, 0.1 + number / 100)
    optimizer.step()


def optimizer_of(model: torch.nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)


def weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def test_what_is_saved_trains_on_as_if_it_had_never_been_put_down(tiny_causal: Path, tmp_path: Path) -> None:
    model = tuned(tiny_causal)
    optimizer = optimizer_of(model)
    stepped(model, optimizer)
    checkpoint.save(tmp_path / "epoch-1", model, optimizer, TRAINED, HEAD)
    stepped(model, optimizer)

    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(tiny_causal)
    resumed = adapter.resumed(base, tmp_path / "epoch-1" / "adapter")
    again = optimizer_of(resumed)
    checkpoint.load_optimizer(tmp_path / "epoch-1", resumed, again)
    stepped(resumed, again)
    assert weights(model).keys() == weights(resumed).keys()
    for name, value in weights(model).items():
        assert torch.equal(value, weights(resumed)[name]), name
    assert TRAINED == checkpoint.read_trained(tmp_path / "epoch-1")


def test_a_folder_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "epoch-1"

    def breaks() -> None:
        with checkpoint.whole(target) as folder:
            (folder / "half").write_text("half")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        breaks()
    assert not target.exists()
    assert checkpoint.read_trained(target) is None
    with checkpoint.whole(target) as folder:
        (folder / "all").write_text("all")
    assert ["all"] == [path.name for path in target.iterdir()]
    assert [target] == list(tmp_path.iterdir())


def test_a_disk_that_takes_no_more_is_said_in_one_line(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    def writes() -> None:
        with checkpoint.whole(tmp_path / "epoch-1") as folder:
            save_file({"large": torch.zeros(10_000)}, folder / "optimizer.safetensors")

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(StoreError, match=r"epoch-1' cannot be written: File too large"):
            writes()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "epoch-1").exists()


def test_a_saved_adapter_names_its_base_and_no_path(tiny_causal: Path, tmp_path: Path) -> None:
    model = tuned(tiny_causal)
    optimizer = optimizer_of(model)
    stepped(model, optimizer)
    checkpoint.save(tmp_path / "epoch-1", model, optimizer, TRAINED, HEAD)
    text = (tmp_path / "epoch-1/adapter/adapter_config.json").read_text()
    assert "tiny@1" == json.loads(text)["base_model_name_or_path"]
    assert str(tiny_causal) not in text
    targets = json.loads(text)["target_modules"]
    assert sorted(targets) == targets


def test_only_the_last_epoch_keeps_its_optimizer_and_the_best_its_adapter(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        (tmp_path / f"epoch-{epoch}" / "adapter").mkdir(parents=True)
        (tmp_path / f"epoch-{epoch}" / "optimizer.safetensors").touch()
    checkpoint.tidy(tmp_path, last=3, best=2)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not any(path.glob("*")))
    assert ["epoch-2/adapter", "epoch-3/adapter", "epoch-3/optimizer.safetensors"] == [
        each for each in left if each != "epoch-2"
    ]
