from harness_transformers.engine.trie import Read, Trie


def test_what_choices_share_stands_once_and_their_last_token_is_only_read() -> None:
    trie = Trie.of([[5, 9], [5, 6, 9]])

    assert (5, 6) == trie.tokens
    assert (-1, 0) == trie.parents
    assert (1, 2) == trie.depths
    assert ((Read(0, 5), Read(1, 9)), (Read(0, 5), Read(1, 6), Read(2, 9))) == trie.reads


def test_a_node_sees_itself_and_its_ancestors_only() -> None:
    trie = Trie.of([[1, 2, 9], [1, 3, 9], [4, 9]])

    assert (1, 2, 3, 4) == trie.tokens
    expected = [
        [True, False, False, False],
        [True, True, False, False],
        [True, False, True, False],
        [False, False, False, True],
    ]
    assert expected == trie.sees


def test_a_choice_that_ends_at_once_needs_no_node() -> None:
    trie = Trie.of([[9], [7, 9]])

    assert (7,) == trie.tokens
    assert (Read(0, 9),) == trie.reads[0]


def test_a_choice_that_stands_twice_is_read_twice() -> None:
    trie = Trie.of([[7, 9], [7, 9]])

    assert (7,) == trie.tokens
    assert trie.reads[0] == trie.reads[1]
