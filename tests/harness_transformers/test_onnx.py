"""Encoders by ONNX Runtime: a tiny BERT made here, so that writing its file takes seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness import ModelError
from harness_transformers.embedder import SentenceTransformersModel
from harness_transformers.model import TransformersModel

pytestmark = pytest.mark.models

TEXTS = ["great flight", "the queue at gate four again and again", "lost my bag " * 12, "boarding"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights drawn by seed, two layers, a window of 24 tokens."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({w for text in TEXTS for w in text.split()})]
    made = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=24,
    )  # fmt: skip
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=128, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=24,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    inner = Transformer(str(folder / "bert"), max_seq_length=24)
    SentenceTransformer(modules=[inner, Pooling(32)], device="cpu").save(str(folder / "whole"))
    return folder / "whole"


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_vectors_are_those_of_torch_alone_and_together(encoder: Path) -> None:
    with SentenceTransformersModel(weights=str(encoder), device="cpu").open() as opened:
        assert opened.embedder is not None
        expected, tokens = opened.embedder.embed(TEXTS), opened.embedder.tokens(TEXTS)
        identity = opened.embedder.identity
    with SentenceTransformersModel(weights=str(encoder), runtime="onnx").open() as opened:
        assert opened.embedder is not None
        assert np.allclose(expected, opened.embedder.embed(TEXTS), atol=1e-5)
        assert np.allclose(expected[1:2], opened.embedder.embed(TEXTS[1:2]), atol=1e-5)
        assert list(tokens) == list(opened.embedder.tokens(TEXTS))
        assert (24, (0, 32)) == (opened.embedder.window, opened.embedder.embed([]).shape)
        assert identity != opened.embedder.identity
    with SentenceTransformersModel(weights=str(encoder), runtime="onnx-int8").open() as opened:
        assert opened.embedder is not None
        found = opened.embedder.embed(TEXTS)
        assert (found * expected).sum(axis=1).min() > 0.97
        assert not np.allclose(expected, found, atol=1e-6)
        for text, vector in zip(TEXTS, found, strict=True):  # nothing depends on the texts beside it
            assert np.array_equal(vector, opened.embedder.embed([text])[0])


def test_a_language_model_has_no_such_runtime() -> None:
    with (
        pytest.raises(ModelError, match="'onnx-int8' serves encoders, and 'smollm2-135m-instruct' is a language"),
        TransformersModel(weights="smollm2-135m-instruct", runtime="onnx-int8").open(),
    ):
        pass
