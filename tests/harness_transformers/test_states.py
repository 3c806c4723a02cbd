from harness_transformers.engine.states import by_head, common_prefix

HEAD = [7] * 50


def test_the_common_prefix_ends_where_any_differs() -> None:
    assert [1, 2] == common_prefix([[1, 2, 3], [1, 2, 4, 5], [1, 2]])
    assert [] == common_prefix([[1], [2]])


def test_one_prompt_that_differs_does_not_take_the_head_from_all_others() -> None:
    assert [[0, 1, 3], [2]] == sorted(map(sorted, by_head([[*HEAD, 1], [*HEAD, 2], [7, 8], [*HEAD, 3]])))


def test_prompts_that_share_too_little_stay_together() -> None:
    prompts = [[7, 7, i, *range(20)] for i in range(5)]

    assert [[0, 1, 2, 3, 4]] == [sorted(group) for group in by_head(prompts)]


def test_every_wording_keeps_its_own_head() -> None:
    other = [8] * 60

    groups = by_head([[*HEAD, 1], [*other, 1], [*HEAD, 2], [*other, 2]])

    assert [[0, 2], [1, 3]] == sorted(map(sorted, groups))


def test_no_prompts_make_no_groups() -> None:
    assert [] == by_head([])
