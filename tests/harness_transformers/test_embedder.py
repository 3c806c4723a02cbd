from __future__ import annotations

import pytest

from harness import Embedder, ModelError
from harness_transformers.embedder import SentenceTransformersModel

pytestmark = pytest.mark.models
TEXTS = ["the flight was late", "my plane was delayed", "a recipe for soup " * 20]


def test_vectors_are_of_unit_length_in_float32_in_the_order_of_the_texts(embedder: Embedder) -> None:
    import numpy as np

    together = embedder.embed(TEXTS)

    assert (3, 384) == together.shape
    assert np.float32 == together.dtype
    assert [1.0] * 3 == pytest.approx(np.linalg.norm(together, axis=1).tolist(), abs=1e-5)
    for text, vector in zip(TEXTS, together, strict=True):
        assert vector.tolist() == pytest.approx(embedder.embed([text])[0].tolist(), abs=1e-5)
    assert together[0] @ together[1] > 0.6
    assert together[0] @ together[2] < 0.3


def test_no_texts_make_no_vectors_of_the_right_width(embedder: Embedder) -> None:
    assert (0, 384) == embedder.embed([]).shape
    assert [] == list(embedder.tokens([]))


def test_tokens_are_counted_uncut_with_the_special_ones(embedder: Embedder) -> None:
    assert [3, 602] == list(embedder.tokens(["hi", "x " * 600]))
    assert 256 == embedder.window


def test_what_lies_beyond_the_window_is_not_seen(embedder: Embedder) -> None:
    shorter, longer = embedder.embed(["x " * 300, "x " * 300 + "soup"])

    assert shorter.tolist() == pytest.approx(longer.tolist(), abs=1e-6)


def test_its_identity_names_the_weights(embedder: Embedder) -> None:
    assert embedder.identity.startswith("all-minilm-l6-v2@")


def test_a_gguf_file_is_no_embedder() -> None:
    with (
        pytest.raises(ModelError, match="'smollm2-135m-instruct' are a GGUF file"),
        SentenceTransformersModel(weights="smollm2-135m-instruct").open(),
    ):
        pass


def test_embedding_says_nothing_on_the_terminal(embedder: Embedder, capfd: pytest.CaptureFixture[str]) -> None:
    embedder.embed(TEXTS)
    embedder.tokens(["x " * 600])

    assert ("", "") == tuple(capfd.readouterr())
