from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import ModelError, Trainable

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")]
LABELS = ("ham", "spam", "unsure")
TEXTS = ("see you at noon", "WIN a prize now", "a much longer text than the others, which says nothing " * 5, "ok")


@pytest.fixture(scope="module")
def folder(encoder: Trainable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder with an adapter and a head that prefers the second label."""
    import torch
    from peft import LoraConfig, get_peft_model

    folder = tmp_path_factory.mktemp("encoder")
    with encoder.lease("labels", LABELS) as weights:
        config = LoraConfig(r=2, target_modules=["query"], task_type="SEQ_CLS", init_lora_weights=False)
        torch.manual_seed(0)
        tuned = get_peft_model(weights.module, config)
        with torch.no_grad():
            for name, parameter in tuned.named_parameters():
                if name.endswith("classifier.modules_to_save.default.bias"):
                    parameter.copy_(torch.tensor([0.0, 3.0, 0.0]))
        tuned.save_pretrained(folder)
    (folder / "labels.json").write_text(json.dumps(LABELS))
    return folder


def test_probabilities_come_in_the_order_of_the_texts_and_of_the_labels(encoder: Trainable, folder: Path) -> None:
    classifier = encoder.classifier(folder)

    together = list(classifier.classify(TEXTS))
    alone = [next(iter(classifier.classify([text]))) for text in TEXTS]

    assert together == [pytest.approx(row, abs=1e-5) for row in alone]
    for row in together:
        assert list(LABELS) == list(row)
        assert "spam" == max(row, key=row.__getitem__)
        assert 1.0 == pytest.approx(sum(row.values()))
    assert together[0] != pytest.approx(together[1], abs=1e-4)


def test_full_weights_are_classified_with_as_they_are(encoder: Trainable, tmp_path: Path) -> None:
    import torch

    with encoder.lease("labels", LABELS) as weights:
        weights.module.save_pretrained(tmp_path)  # type: ignore[operator]
        weights.tokenizer.save_pretrained(tmp_path)
        with torch.inference_mode():
            logits = weights.module(**weights.tokenizer(TEXTS[0], return_tensors="pt")).logits[0]
    (tmp_path / "labels.json").write_text(json.dumps(LABELS))

    right = dict(zip(LABELS, logits.softmax(-1).tolist(), strict=True))

    assert right == pytest.approx(next(iter(encoder.classifier(tmp_path).classify([TEXTS[0]]))), abs=1e-5)


def test_a_text_beyond_the_window_is_classified_by_its_beginning(encoder: Trainable, folder: Path) -> None:
    classifier = encoder.classifier(folder)

    longer, longest = classifier.classify(["word " * 600, "word " * 900])

    assert 512 == encoder.window
    assert longer == pytest.approx(longest, abs=1e-5)


def test_a_folder_without_labels_is_refused(encoder: Trainable, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable labels\.json"):
        encoder.classifier(tmp_path)
    (tmp_path / "labels.json").write_text('{"ham": 0}')
    with pytest.raises(ModelError, match="is not a JSON list of labels"):
        encoder.classifier(tmp_path)


def test_a_head_needs_two_labels(encoder: Trainable) -> None:
    with pytest.raises(ModelError, match=r"at least two labels, not \['ham'\]"), encoder.lease("labels", ["ham"]):
        pass


def test_leasing_leaves_torchs_random_numbers_alone(encoder: Trainable) -> None:
    import torch

    before = torch.random.get_rng_state()
    with encoder.lease("labels", LABELS):
        pass

    assert bool((before == torch.random.get_rng_state()).all())
