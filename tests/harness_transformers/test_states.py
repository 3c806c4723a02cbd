from harness_transformers.engine.states import common_prefix, tree

HEAD = [7] * 50


def test_the_common_prefix_ends_where_any_differs() -> None:
    assert [1, 2] == common_prefix([[1, 2, 3], [1, 2, 4, 5], [1, 2]])
    assert [] == common_prefix([[1], [2]])


def heads(prompts: list[list[int]]) -> list[tuple[int, list[int]]]:
    """Each head's length, and the prompts that leave it."""
    return [(node.length, sorted(node.prompts)) for node in tree(prompts)]


def test_one_prompt_that_differs_does_not_take_the_head_from_all_others() -> None:
    assert [(0, [2]), (50, [0, 1, 3])] == heads([[*HEAD, 1], [*HEAD, 2], [7, 8], [*HEAD, 3]])


def test_prompts_that_share_too_little_stay_together() -> None:
    prompts = [[7, 7, i, *range(20)] for i in range(5)]

    assert [(0, [0, 1, 2, 3, 4])] == heads(prompts)


def test_every_wording_keeps_its_own_head() -> None:
    other = [8] * 60

    assert [(0, []), (50, [0, 2]), (60, [1, 3])] == heads([[*HEAD, 1], [*other, 1], [*HEAD, 2], [*other, 2]])


def test_a_head_goes_on_from_the_one_that_it_begins_with() -> None:
    prompts = [[*HEAD, topic, *([topic] * 40), i] for topic in (1, 2) for i in range(5)]

    found = tree(prompts)

    assert [(50, None), (91, 0), (91, 0)] == [(node.length, node.parent) for node in found]
    assert [[], [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]] == [sorted(node.prompts) for node in found]
    assert all(
        prompts[node.sample][: node.length] == prompts[i][: node.length] for node in found for i in node.prompts
    )


def test_a_prompt_keeps_its_last_token_for_itself() -> None:
    assert [(49, [0, 1])] == heads([HEAD, HEAD])


def test_no_prompts_make_no_heads() -> None:
    assert [] == tree([])
