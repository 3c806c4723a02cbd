"""Weights and tokenizer from a place on this machine into memory: safetensors, or GGUF by way of the cache."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from harness.errors import ModelError
from harness_transformers import store
from harness_transformers.places import INSTALL_LOCAL
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Head = Literal["causal", "labels"]
T = TypeVar("T")
# The layout of a converted folder; a change of it converts anew.
_LAYOUT = 1
_UNTOLD_WINDOW = 2048


@dataclass(frozen=True)
class Loaded:
    """A module in eval mode on its device, and its tokenizer."""

    module: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def head_of(place: Path) -> Head:
    """Which head the weights take: `causal` for a language model, `labels` for an encoder.

    Raises:
        ModelError: For weights that are neither, or in a format that is not loaded.
    """
    if place.suffix == ".gguf" and place.is_file():
        return "causal"
    if not (place / "config.json").is_file():
        raise ModelError(f"the folder {str(place)!r} holds no config.json: it is no transformers model")
    if not any(place.glob("*.safetensors")):
        raise ModelError(f"the folder {str(place)!r} holds no *.safetensors; other formats are never loaded")
    with quiet():
        from transformers import AutoConfig

        config = _attempt(place, lambda: AutoConfig.from_pretrained(place, trust_remote_code=False))
    if config.is_encoder_decoder:
        raise ModelError(f"{str(place)!r} is an encoder-decoder ({config.model_type!r}), which is not served")
    names = config.architectures or []
    causal = any(name.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")) for name in names)
    return "causal" if causal else "labels"


def window_of(loaded: Loaded) -> int:
    """The longest input in tokens, as configuration and tokenizer have it."""
    told = getattr(loaded.module.config.get_text_config(), "max_position_embeddings", None)
    return int(min(told or _UNTOLD_WINDOW, loaded.tokenizer.model_max_length))


def load_causal(place: Path, dtype: torch.dtype, device: torch.device) -> Loaded:
    """A language model.

    A GGUF file is unpacked once into the cache: its values are products of small integers and float16 scales,
    which neither float16 nor bfloat16 holds exactly, so they are kept as float32 and rounded when loaded.
    """
    with quiet():
        if place.is_file():
            return _load_gguf(place, dtype, device)
        return _load_folder(place, dtype, device)


def load_encoder(place: Path, dtype: torch.dtype, device: torch.device, labels: Sequence[str]) -> Loaded:
    """An encoder with a fresh classification head, whose logits stand in the order of `labels`.

    What the weights lack (the head, often the pooler) starts from the same values every time: a folder that
    holds only an adapter and a head then meets the same rest. Torch's own generator is left as it was.
    """
    import torch

    with quiet(), torch.random.fork_rng(devices=[]):
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        torch.manual_seed(0)
        module = _attempt(
            place,
            lambda: AutoModelForSequenceClassification.from_pretrained(
                place,
                dtype=dtype,
                num_labels=len(labels),
                id2label=dict(enumerate(labels)),
                label2id={label: i for i, label in enumerate(labels)},
                use_safetensors=True,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,
            ),
        )
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        return Loaded(module.to(device).eval(), tokenizer)


def _load_folder(place: Path, dtype: torch.dtype, device: torch.device) -> Loaded:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    module = _attempt(
        place,
        lambda: AutoModelForCausalLM.from_pretrained(
            place, dtype=dtype, use_safetensors=True, trust_remote_code=False
        ),
    )
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    return Loaded(module.to(device).eval(), tokenizer)


def _load_gguf(place: Path, dtype: torch.dtype, device: torch.device) -> Loaded:
    import torch

    unpacked: list[Loaded] = []

    def unpack(folder: Path) -> None:
        from safetensors import SafetensorError

        unpacked.append(_unpack(place))
        try:
            unpacked[0].module.save_pretrained(folder)
            unpacked[0].tokenizer.save_pretrained(folder)
        except SafetensorError as error:  # how it tells of a full disk
            raise OSError(str(error)) from error

    folder = store.built(f"{store.file_sha256(place)}-float32-{_LAYOUT}", unpack)
    if folder is not None:
        return _load_folder(folder, dtype, device)
    loaded = unpacked[0] if unpacked else _unpack(place)
    torch.nn.Module.to(loaded.module, device=device, dtype=dtype)
    return Loaded(loaded.module.eval(), loaded.tokenizer)


def _unpack(place: Path) -> Loaded:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    # Its progress bar has no switch.
    with redirect_stderr(io.StringIO()):
        module = _attempt(
            place,
            lambda: AutoModelForCausalLM.from_pretrained(
                place.parent,
                gguf_file=place.name,
                dtype=torch.float32,
                quantization_config=GgufConfig(dequantize=True),
            ),
        )
        return Loaded(module, AutoTokenizer.from_pretrained(place.parent, gguf_file=place.name))


def _attempt(place: Path, load: Callable[[], T]) -> T:
    try:
        return load()
    except ImportError as error:
        raise ModelError(f"weights {str(place)!r} need a library ({error}): {INSTALL_LOCAL}") from error
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(f"weights {str(place)!r} cannot be loaded: {type(error).__name__}: {error}") from error
