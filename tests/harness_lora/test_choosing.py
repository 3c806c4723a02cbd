from __future__ import annotations

from harness_lora.choosing import best, should_stop
from harness_lora.records import Epoch


def epochs(*figures: tuple[float | None, float | None]) -> list[Epoch]:
    return [
        Epoch(
            epoch=number,
            train_loss=1.0,
            train_accuracy=0.5,
            validation_metric=metric,
            validation_loss=loss,
            gradient_norm=1.0,
            learning_rate=1e-4,
            steps=1,
            tokens=10,
            seconds=1.0,
        )
        for number, (metric, loss) in enumerate(figures, start=1)
    ]


def test_the_best_metric_wins_and_a_tie_goes_to_the_lower_loss() -> None:
    assert 3 == best(epochs((0.8, 0.1), (0.9, 0.5), (0.9, 0.4), (0.9, 0.6)), "metric").epoch


def test_by_loss_the_metric_does_not_count() -> None:
    assert 1 == best(epochs((0.8, 0.1), (0.9, 0.5)), "loss").epoch


def test_of_equal_epochs_the_earlier_wins() -> None:
    assert 1 == best(epochs((0.9, None), (0.9, None)), "metric").epoch


def test_without_validation_the_last_epoch_is_taken() -> None:
    assert 2 == best(epochs((None, None), (None, None)), "last").epoch


def test_patience_counts_epochs_without_a_better_one() -> None:
    assert not should_stop(epochs((0.9, 0.3), (0.8, 0.4)), "metric", 2)
    assert should_stop(epochs((0.9, 0.3), (0.8, 0.4), (0.7, 0.5)), "metric", 2)


def test_an_epoch_that_ties_with_a_lower_loss_is_a_better_one() -> None:
    assert not should_stop(epochs((0.9, 0.3), (0.9, 0.2)), "metric", 1)


def test_without_patience_all_epochs_are_trained() -> None:
    assert not should_stop(epochs(*[(0.9 - i / 10, 0.3) for i in range(9)]), "metric", None)
