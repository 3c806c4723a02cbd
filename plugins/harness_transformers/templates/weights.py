"""Where a model's weights are: in this folder, in a package, on this machine, or on the Hugging Face hub."""

import importlib.util
from pathlib import Path


def find(folder, reference):
    kind = reference["kind"]
    if kind == "copied":
        return folder / reference["path"]
    if kind == "package":
        spec = importlib.util.find_spec(reference["package"])
        if spec is None:
            raise SystemExit(f"the weights are in a package that is not installed: {reference['install']}")
        return next(Path(place) / reference["path"] for place in spec.submodule_search_locations)
    if kind == "hub":
        from huggingface_hub import snapshot_download

        wanted = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
        return Path(snapshot_download(reference["name"], revision=reference["revision"], allow_patterns=wanted))
    place = Path(reference["path"])
    if not place.exists():
        raise SystemExit(
            f"the weights are not at {str(place)!r}: put them there, or change the path in the settings"
        )
    return place


def device():
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
