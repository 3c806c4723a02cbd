import os
import threading
from pathlib import Path

import pytest

from harness_transformers import store


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("HARNESS_CACHE", str(folder))
    return folder


def fill(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"weights")


def test_a_folder_is_built_once_and_found_afterwards(cache: Path) -> None:
    folder = store.built("abc-float32", fill)

    assert cache / "weights" / "abc-float32" == folder
    assert folder == store.built("abc-float32", lambda _: pytest.fail("built twice"))
    assert [folder] == list((cache / "weights").iterdir())


def test_what_fails_half_way_leaves_nothing(cache: Path) -> None:
    def breaks(folder: Path) -> None:
        fill(folder)
        raise OSError("No space left on device")

    assert store.built("abc-float32", breaks) is None
    assert [] == list((cache / "weights").iterdir())


def test_a_cache_that_cannot_be_written_costs_only_time(cache: Path, tmp_path: Path) -> None:
    cache.write_text("a file where the folder should be")
    (tmp_path / "weights.gguf").write_bytes(b"weights" * 2_000_000)

    assert store.built("abc-float32", fill) is None
    assert 64 == len(store.file_sha256(tmp_path / "weights.gguf"))


def test_two_who_build_at_once_get_the_same_whole_folder(cache: Path) -> None:
    together = threading.Barrier(2)
    found: list[Path | None] = []

    def build(folder: Path) -> None:
        fill(folder)
        together.wait(timeout=10)

    threads = [threading.Thread(target=lambda: found.append(store.built("abc", build))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [cache / "weights" / "abc"] * 2 == found
    assert b"weights" == (cache / "weights" / "abc" / "model.safetensors").read_bytes()
    assert [cache / "weights" / "abc"] == list((cache / "weights").iterdir())


def test_a_large_files_hash_is_kept_and_follows_its_content(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"a" * (9 << 20))
    first = store.file_sha256(file)

    assert 1 == len(list((cache / "hashes").iterdir()))
    assert first == store.file_sha256(file)
    file.write_bytes(b"b" * (9 << 20))
    os.utime(file, ns=(1, 1))
    assert first != store.file_sha256(file)


def test_a_folders_hash_covers_weights_configuration_and_template_but_no_readme(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    fill(folder)
    before = store.weights_sha256(folder)

    (folder / "README.md").write_text("words")
    assert before == store.weights_sha256(folder)
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    assert before != store.weights_sha256(folder)
