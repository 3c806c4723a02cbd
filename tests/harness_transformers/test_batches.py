from harness_transformers.batches import by_length


def test_batches_hold_similar_lengths_under_the_budget_longest_first() -> None:
    assert [[3, 1], [2, 0]] == by_length([3, 9, 4, 10], 20)


def test_a_member_over_the_budget_stands_alone() -> None:
    assert [[1], [0]] == by_length([3, 100], 20)


def test_a_batch_has_no_more_members_than_allowed() -> None:
    assert [2, 2, 1] == [len(batch) for batch in by_length([1] * 5, 100, most=2)]


def test_nothing_makes_no_batches() -> None:
    assert [] == by_length([], 20)
