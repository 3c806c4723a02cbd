"""What a fresh Python does: this process has torch loaded already."""

import subprocess
import sys


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


def test_importing_the_plugin_and_its_parameters_loads_no_heavy_library() -> None:
    loaded = python(
        "import sys, harness_transformers, harness_transformers.model, harness_transformers.embedder\n"
        "print([m for m in ('torch', 'transformers', 'peft', 'sentence_transformers') if m in sys.modules])"
    )

    assert "[]" == loaded


def test_without_torch_the_error_names_the_extra() -> None:
    said = python(
        "import sys; sys.modules['torch'] = None\n"
        "from harness import ModelError\n"
        "from harness_transformers.model import TransformersModel\n"
        "try:\n"
        "    TransformersModel(weights='.').open().__enter__()\n"
        "except ModelError as error:\n"
        "    print(error)\n"
    )

    assert said.endswith("pip install 'harness[local]'")
