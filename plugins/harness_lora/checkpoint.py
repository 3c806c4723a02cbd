r"""An epoch on disk: there whole or not at all, and nothing in it that runs when it is read.

    epoch-2/adapter/adapter_model.safetensors     what peft saves; a folder that answers
    epoch-2/adapter/labels.json                   of a classifier, in the order of its logits
    epoch-2/optimizer.safetensors                 "base_model.…lora_A.weight\0exp_avg" -> tensor
    epoch-2/trained.json                          the epoch's losses

There is no random state: each epoch draws its order and its dropout from the trial's seed and its own number.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.journal import cannot_write
from harness_lora.records import Trained

if TYPE_CHECKING:
    import torch

    from harness_lora.head import Head

_STATE = ("exp_avg", "exp_avg_sq", "step")


def epoch_folder(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch}"


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` once everything in it is on disk."""
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        for path in [*partial.rglob("*"), partial]:
            _sync(path)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        _sync(target.parent)
    except Exception as error:
        failed = _as_os_error(error)
        if failed is None:
            raise
        raise cannot_write(target, failed) from error


def save(
    target: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, trained: Trained, head: Head
) -> None:
    """Writes an epoch.

    Args:
        target: The epoch's folder.
        model: A peft model.
        optimizer: The AdamW that trains it.
        trained: What the epoch gave.
        head: Says whose adapter it is, and which labels its logits stand for.
    """
    from safetensors.torch import save_file

    state: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            for key in _STATE:
                state[f"{name}\0{key}"] = optimizer.state[parameter][key].detach().cpu().contiguous()
    with whole(target) as folder:
        # save_embedding_layers: "auto" would ask the hub whether the vocabulary was changed.
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)  # type: ignore[operator]
        (folder / "adapter" / "README.md").unlink(missing_ok=True)  # peft's model card, empty
        _settle(folder / "adapter" / "adapter_config.json", head.identity)
        if head.labels:
            (folder / "adapter" / "labels.json").write_text(json.dumps(list(head.labels)), encoding="utf-8")
        save_file(state, folder / "optimizer.safetensors")
        (folder / "trained.json").write_text(trained.model_dump_json(), encoding="utf-8")


def load_optimizer(folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Takes up the moments of each parameter where the epoch in `folder` left them."""
    from safetensors.torch import load_file

    state = load_file(folder / "optimizer.safetensors")
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            moments = {key: state[f"{name}\0{key}"] for key in _STATE}
            fused = optimizer.defaults.get("fused")
            moved = _STATE if fused else _STATE[:2]  # otherwise steps are counted on the CPU
            optimizer.state[parameter] = moments | {key: moments[key].to(parameter.device) for key in moved}


def read_trained(folder: Path) -> Trained | None:
    """What training that epoch gave, where it got so far before the process was killed."""
    file = folder / "trained.json"
    return Trained.model_validate_json(file.read_bytes()) if file.exists() else None


def tidy(folder: Path, *, last: int, best: int) -> None:
    """Leaves the last epoch, which training goes on from, and the best one's adapter."""
    for epoch in range(1, last):
        if epoch == best:
            (epoch_folder(folder, epoch) / "optimizer.safetensors").unlink(missing_ok=True)
        else:
            shutil.rmtree(epoch_folder(folder, epoch), ignore_errors=True)


def keep_best(folder: Path, best: int) -> None:
    """Copies the best epoch's adapter to `best`."""
    with whole(folder / "best") as partial:
        shutil.copytree(epoch_folder(folder, best) / "adapter", partial, dirs_exist_ok=True)


def keep_only_best(folder: Path, epochs: int) -> None:
    for epoch in range(1, epochs + 1):
        shutil.rmtree(epoch_folder(folder, epoch), ignore_errors=True)


def _settle(config: Path, identity: str) -> None:
    """Makes peft's configuration the same wherever it is written: no path of this machine, names in order."""
    fields = json.loads(config.read_text(encoding="utf-8"))
    fields["base_model_name_or_path"] = identity
    fields["target_modules"] = sorted(fields["target_modules"])
    config.write_text(json.dumps(fields, indent=2, sort_keys=True), encoding="utf-8")


def _as_os_error(error: Exception) -> OSError | None:
    """What the disk said; safetensors tells it in an error of its own."""
    if isinstance(error, OSError):
        return error
    code = re.search(r"os error (\d+)", str(error)) if type(error).__name__ == "SafetensorError" else None
    return OSError(int(code.group(1)), os.strerror(int(code.group(1)))) if code else None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
