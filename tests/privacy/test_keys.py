"""Keys from the environment, a keyring and a command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.privacy.keys import KeySource
from harness.privacy.secrets import hide

KEY = "sk-of-a-command-0123456789"


def printing(text: str, code: int = 0, count: Path | None = None) -> tuple[str, ...]:
    """A command that prints; where `count` is given it grows by a line each time."""
    counting = f"open({str(count)!r}, 'a').write('x\\n');" if count else ""
    return (
        sys.executable,
        "-c",
        f"import sys; {counting} print({text!r}); print('no', file=sys.stderr); sys.exit({code})",
    )


def test_a_variable_is_read_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = KeySource(env="MY_KEY", owner="api.example.org")
    with pytest.raises(ModelError, match=r"MY_KEY is not set: it holds the key for api\.example\.org"):
        source.read()
    monkeypatch.setenv("MY_KEY", f" {KEY}-a\n")
    assert f"{KEY}-a" == source.read().reveal()
    assert "[key]" == hide(f"{KEY}-a")


def test_a_server_that_may_want_none_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    assert "" == KeySource(env="MY_KEY", optional=True).read().reveal()


def test_a_command_is_asked_once_and_its_output_stripped(tmp_path: Path) -> None:
    count = tmp_path / "count"
    source = KeySource(command=printing(f"  {KEY}-b ", count=count))
    assert not count.exists()
    assert [f"{KEY}-b"] * 2 == [source.read().reveal(), KeySource(command=source.command).read().reveal()]
    assert "x\n" == count.read_text()
    assert "[key]" == hide(f"{KEY}-b")


def test_one_line_goes_through_the_shell_and_a_list_does_not() -> None:
    assert f"{KEY}-c" == KeySource(command=f"echo '{KEY}-c x' | cut -d' ' -f1").read().reveal()
    with pytest.raises(ModelError, match="characters that no request can carry"):
        KeySource(command=("echo", f"{KEY}-d", "|", "cat")).read()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (printing(KEY, code=3), "ended with exit code 3"),
        (("no-such-program-here",), "cannot be run"),
        (printing(""), "printed nothing"),
    ],
)
def test_a_command_that_gives_no_key_says_why_and_shows_no_output(command: Any, told: str) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        KeySource(command=command, owner="api.example.org").read()
    said = str(caught.value).replace(" ".join(command), "")
    assert "api.example.org" in said
    assert KEY not in said
    assert "no\n" not in said


def test_a_token_that_ran_out_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{KEY}-1")
    source = KeySource(command=("cat", str(file)))
    old = source.read()
    assert source.renewed(old) is None
    file.write_text(f"{KEY}-2")
    new = source.renewed(old)
    assert new is not None
    assert f"{KEY}-2" == new.reveal() == source.read().reveal()


def test_a_keyring_gives_a_key_by_service_and_user() -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return f"{KEY}-ring" if (service, username) == ("openai/work", "me") else None

        def set_password(self, service: str, username: str, password: str) -> None: ...

        def delete_password(self, service: str, username: str) -> None: ...

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())  # type: ignore[no-untyped-call]
    try:
        assert f"{KEY}-ring" == KeySource(keyring="openai/work/me").read().reveal()
        with pytest.raises(ModelError, match=r"no key 'openai/you'.*keyring set openai you"):
            KeySource(keyring="openai/you").read()
    finally:
        keyring.set_keyring(before)


def test_where_a_key_comes_from_is_told_and_the_key_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    sources = [KeySource(env="MY_KEY"), KeySource(keyring="a/b"), KeySource(command=("echo", "x"))]
    assert ["MY_KEY", "the keyring's 'a/b'", "what `key_command` prints"] == [source.place for source in sources]
    assert KEY not in repr(sources)
