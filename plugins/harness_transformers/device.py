"""Which device computes, and in which number format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harness.errors import ModelError

if TYPE_CHECKING:
    import torch

DType = Literal["auto", "float32", "bfloat16"]


def pick_device(wanted: str) -> torch.device:
    """The device of that name; `auto` takes a GPU where there is one.

    Raises:
        ModelError: Where this machine has no such device.
    """
    import torch

    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ModelError(f"device {wanted!r} cannot be used here: {str(error).splitlines()[0]}") from error
    return device


def pick_dtype(wanted: DType, device: torch.device) -> torch.dtype:
    """The number format; `auto` is bfloat16 only where the device computes in it.

    A CPU without bfloat16 instructions emulates them, several times slower than float32, and oneDNN's own
    check does not tell the two apart: the processor's flags do.
    """
    import torch

    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type == "cpu":
        flags = torch.cpu.get_capabilities()
        if flags.get("avx512_bf16") or flags.get("amx_bf16") or flags.get("arm_bf16") or flags.get("bf16"):
            return torch.bfloat16
    return torch.float32
