from __future__ import annotations

from random import Random

from harness_lora.rows import Row, batches, shared_prefix, split


def rows(*lengths: int) -> list[Row]:
    return [Row(tuple(range(length)), (i,), length + 1) for i, length in enumerate(lengths)]


def test_every_row_is_in_exactly_one_batch() -> None:
    given = rows(*(Random(1).randrange(1, 50) for _ in range(101)))
    dealt = [row for batch in batches(given, 8, Random(0)) for row in batch]
    assert sorted(row.answer for row in given) == sorted(row.answer for row in dealt)


def test_a_seed_gives_one_order_and_another_seed_another() -> None:
    given = rows(*range(1, 40))
    assert batches(given, 4, Random(3)) == batches(given, 4, Random(3))
    assert batches(given, 4, Random(3)) != batches(given, 4, Random(4))


def test_rows_of_a_batch_are_of_similar_length() -> None:
    given = rows(*(Random(1).randrange(1, 200) for _ in range(128)))
    spread = [max(r.tokens for r in b) - min(r.tokens for r in b) for b in batches(given, 8, Random(0))]
    assert 30 > max(spread)


def test_a_row_over_the_budget_goes_alone() -> None:
    parts = split(rows(50, 40, 200, 20), 92)
    assert [[51, 41], [201], [21]] == [[row.tokens for row in part] for part in parts]


def test_the_shared_prefix_leaves_every_prompt_a_token_of_its_own() -> None:
    assert 3 == shared_prefix(rows(4, 6, 9))
    assert 0 == shared_prefix([Row((7,), (1,), 2), Row((7, 8), (1,), 3)])
    assert 1 == shared_prefix([Row((7, 8, 9), (1,), 4), Row((7, 9, 9), (1,), 4)])
