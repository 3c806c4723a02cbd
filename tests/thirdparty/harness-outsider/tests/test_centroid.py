from pathlib import Path

from harness_outsider.centroid import NearestCentroid
from harness_outsider.trigrams import Trigrams

from harness.testing import check_strategy


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    check_strategy(NearestCentroid(embedder="e"), folder=tmp_path, models={"e": Trigrams()})
