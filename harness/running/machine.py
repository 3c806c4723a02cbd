"""What the run runs on and with: hardware, versions, the suite's git commit."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from harness.records import Hardware

_PACKAGES = (
    "harness", "torch", "transformers", "peft", "sentence-transformers", "faiss-cpu", "scikit-learn", "numpy",
    "openai", "pydantic", "genai-prices",
)  # fmt: skip


@cache
def hardware() -> Hardware:
    cpuinfo = _text("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    flags = next((line.split() for line in cpuinfo.splitlines() if line.startswith("flags")), [])
    gpus = _gpus()
    return Hardware(
        cores=cores(),
        cpu=names[0] if names else platform.processor() or "unknown",
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        gpus=gpus,
        bf16=bool(gpus) or "avx512_bf16" in flags or "amx_bf16" in flags,
        platform=f"{platform.system()} {platform.machine()}",
    )


def fingerprint() -> str:
    """Short: two machines of the same one give comparable seconds."""
    it = hardware()
    return "; ".join((*it.gpus, it.cpu, f"{it.cores} cores"))


def cores() -> int:
    """Cores that this process may really use: its affinity, and what a container grants."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text("/sys/fs/cgroup/cpu.max").strip().partition(" ")
    if quota.isdigit() and period.isdigit():
        allowed = min(allowed, max(1, int(quota) // int(period)))
    return allowed


def versions() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_commit(folder: Path) -> str | None:
    """The commit of the repository that a folder is in, `+` behind it where files were changed."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _gpus() -> tuple[str, ...]:
    # Asking the driver costs milliseconds; asking torch costs its import.
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(line.strip() for line in done.stdout.splitlines() if line.strip()) if done.returncode == 0 else ()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
