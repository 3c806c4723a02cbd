from pathlib import Path

import pytest

from harness import ModelError
from harness_transformers.device import pick_device, pick_dtype


def test_auto_is_bfloat16_only_where_the_processor_has_it() -> None:
    import torch

    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    has = {"avx512_bf16", "amx_bf16", "bf16"} & set(flags)

    assert (torch.bfloat16 if has else torch.float32) == pick_dtype("auto", torch.device("cpu"))


def test_a_number_format_that_is_asked_for_is_taken() -> None:
    import torch

    assert torch.bfloat16 == pick_dtype("bfloat16", torch.device("cpu"))
    assert torch.float32 == pick_dtype("float32", torch.device("cpu"))


@pytest.mark.parametrize("wanted", ["cuda:97", "abacus"])
def test_a_device_that_is_not_here_is_named(wanted: str) -> None:
    with pytest.raises(ModelError, match=f"device {wanted!r} cannot be used here"):
        pick_device(wanted)
