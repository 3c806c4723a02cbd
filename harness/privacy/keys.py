"""Where a key comes from: read when it is first needed, registered so that nothing shows it, in memory alone.

KeySource(env="OPENAI_API_KEY")                             a variable of the environment
KeySource(keyring="openai/me")                              the system's keyring: service/user
KeySource(command=("op", "read", "op://work/openai/key"))   what a command prints, run without a shell
KeySource(command="pass show openai | head -n 1")           the same through the shell
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from harness.errors import ModelError
from harness.privacy.secrets import Secret, keep

_COMMAND_SECONDS = 60.0  # some ask for a finger on a reader
_asked: dict[object, str] = {}  # what keyrings and commands gave: nobody is to be asked for a password twice
_asking = Lock()


@dataclass(frozen=True)
class KeySource:
    """One key. Nothing is read before `read`; a keyring or a command is asked once in the life of the process.

    Attributes:
        env: The variable that holds it, where neither of the others is given.
        keyring: Service and user in the system's keyring, with a slash between.
        command: What prints it: words, or one line for the shell.
        owner: Whose key it is, for messages: a host.
        optional: Whether no key is a key too: a server on this machine may want none.
    """

    env: str = "OPENAI_API_KEY"
    keyring: str | None = None
    command: str | Sequence[str] | None = None
    owner: str = "the endpoint"
    optional: bool = False

    @property
    def place(self) -> str:
        """Where it comes from, for advice; never the key."""
        if self.command is not None:
            return "what `key_command` prints"
        return f"the keyring's {self.keyring!r}" if self.keyring is not None else self.env

    def read(self) -> Secret:
        """The key; empty where it is optional and there is none.

        Raises:
            ModelError: There is none, or none that a request can carry; it says where it was looked for.
        """
        if self._once is None:
            return _kept(self._from_environment(), self.place)
        with _asking:
            if self._once not in _asked:
                _asked[self._once] = self._from_command() if self.command else self._from_keyring()
            return _kept(_asked[self._once], self.place)

    @property
    def keeps(self) -> bool:
        """Whether what was read is remembered, so that reading it again may give another key."""
        return self._once is not None

    def renewed(self, old: Secret) -> Secret | None:
        """The key read once more, where it is another than the one that was refused: a token that ran out."""
        with _asking:
            if self._once is not None and _asked.get(self._once) == old.reveal():
                del _asked[self._once]
        new = self.read()
        return None if new.reveal() == old.reveal() else new

    @property
    def _once(self) -> object:
        """What remembers a key that is asked for once; None for a variable, which is looked at each time."""
        if self.command is not None:
            return self.command if isinstance(self.command, str) else tuple(self.command)
        return None if self.keyring is None else ("keyring", self.keyring)

    def _from_environment(self) -> str:
        key = os.environ.get(self.env, "").strip()
        if key or self.optional:
            return key
        raise ModelError(
            f"the environment variable {self.env} is not set: it holds the key for {self.owner}. Set it, name"
            " another under `key_env`, or say `key_keyring` or `key_command`"
        )

    def _from_keyring(self) -> str:
        entry = self.keyring or ""
        service, _, user = entry.rpartition("/")
        try:
            import keyring  # only who asks for it needs it
            from keyring.errors import KeyringError
        except ImportError as error:
            raise ModelError("`key_keyring` needs the keyring package: pip install 'harness[keyring]'") from error
        try:
            key = keyring.get_password(service, user)
        except (KeyringError, OSError, RuntimeError) as error:
            raise ModelError(
                f"the keyring could not be asked for {entry!r}: {type(error).__name__}: {error}. Unlock it, or"
                " name the key's variable in `key_env`"
            ) from None
        if not key or not key.strip():
            raise ModelError(
                f"the keyring has no key {entry!r} for {self.owner}: `keyring set {service} {user}` puts it there"
            )
        return str(key).strip()

    def _from_command(self) -> str:
        command = self.command or ""
        named = command if isinstance(command, str) else " ".join(command)
        said = f"`key_command` {named!r}, which is to print the key for {self.owner},"
        key = printed(command, said)
        if not key:
            raise ModelError(f"{said} printed nothing")
        return key


def printed(command: str | Sequence[str], said: str) -> str:
    """What a command prints, which is a secret; one line of text goes through the shell.

    Args:
        command: The line, or the words.
        said: What an error's message begins with: where the command stands.

    Raises:
        ModelError: It cannot be run, takes too long or fails; what it printed is not in it.
    """
    try:
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{said} took longer than {_COMMAND_SECONDS:g} s") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{said} cannot be run: {error}") from None
    if done.returncode:
        # What it printed may be the secret, on whichever stream: it is not shown.
        raise ModelError(f"{said} ended with exit code {done.returncode}; run it yourself to see why")
    return done.stdout.decode("utf-8", errors="replace").strip()


def _kept(key: str, place: str) -> Secret:
    secret = keep(key)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ModelError(f"the key in {place} has characters that no request can carry; set it again")
    return secret
