from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from harness import __version__
from harness.cli.guard import Guard
from harness.cli.main import COMMANDS
from harness.errors import BudgetError, SuiteError

HEAVY = ["torch", "transformers", "peft", "sklearn", "scipy", "numpy", "pyarrow", "yaml", "rich", "jinja2"]


def test_help_lists_every_command_and_examples(harness: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = harness("--help")
    assert 0 == code
    for name, line in COMMANDS.items():
        assert f"{name} " in out
        assert line in out
    assert "harness validate suites/sentiment.yaml" in out


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], []])
def test_help_imports_nothing_heavy_and_not_even_pydantic(words: list[str]) -> None:
    code = (
        "import sys\nfrom harness.cli.main import main\n"
        f"try: main({words})\nexcept SystemExit: pass\n"
        f"print([m for m in {[*HEAVY, 'pydantic']} if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_commands_own_help_is_light_and_ends_with_examples(name: str) -> None:
    code = (
        "import sys\nfrom harness.cli.main import main\n"
        f"try: main([{name!r}, '--help'])\nexcept SystemExit as end: assert not end.code\n"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == ran.stderr.strip()
    assert "Examples:" in ran.stdout


def test_version_is_printed(harness: Callable[..., tuple[int, str, str]]) -> None:
    assert (0, f"harness {__version__}\n", "") == harness("--version")


def test_a_command_that_is_not_there_is_told_with_the_nearest(
    harness: Callable[..., tuple[int, str, str]],
) -> None:
    code, _, err = harness("valdate")
    assert 2 == code
    assert "No such command 'valdate'. Did you mean 'validate'?" in err


def test_an_option_that_is_not_there_exits_with_2(harness: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = harness("validate", "--dta", "x.yaml")
    assert 2 == code
    assert "--dta" in err


def test_a_known_error_is_one_message_with_its_own_exit_code(
    harness: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: [\n")
    expected = f"{path}:2:1\n  this is not YAML: a bracket is opened and never closed\n"
    assert (2, "", expected) == harness("validate", str(path))


@pytest.mark.parametrize("words", [("--debug", "validate", "gone.yaml"), ("validate", "gone.yaml", "--debug")])
def test_debug_shows_the_traceback_wherever_it_stands(
    harness: Callable[..., tuple[int, str, str]], words: tuple[str, ...]
) -> None:
    code, _, err = harness(*words)
    assert 2 == code
    assert err.startswith("Traceback (most recent call last):")
    assert err.endswith("there is no file 'gone.yaml'\n")


def test_debug_can_be_set_in_the_environment(
    harness: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_DEBUG", "1")
    assert "Traceback" in harness("validate", "gone.yaml")[2]
    monkeypatch.setenv("HARNESS_DEBUG", "0")
    assert "Traceback" not in harness("validate", "gone.yaml")[2]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -c 'from harness.cli.main import main; main()' schema | head -1"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert ("{\n", "") == (ran.stdout, ran.stderr)


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


def ends(error: BaseException, *, debug: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended:
        Guard(debug)(raising(error), interrupted="Stopped; go on with --resume.")()
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("expected", "said", "error"),
    [
        (2, "s.yaml:1:1  name\n  wrong\n", SuiteError("wrong", where="s.yaml:1:1  name")),
        (6, "the cap is reached\n", BudgetError("the cap is reached")),
        (130, "\nStopped; go on with --resume.\n", KeyboardInterrupt()),
        (0, "", BrokenPipeError()),
        (3, "", typer.Exit(3)),
    ],
)
def test_a_commands_error_becomes_a_message_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], expected: int, said: str, error: BaseException
) -> None:
    assert expected == ends(error)
    assert said == capsys.readouterr().err


def test_a_full_disk_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert 7 == ends(OSError(28, "No space left on device", "results/a"))
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "make room" in said


def test_what_nobody_foresaw_is_a_bug_whose_traceback_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert 70 == ends(RuntimeError("surprise"))
    said = capsys.readouterr().err
    assert said.startswith("This is a bug in the harness: RuntimeError: surprise\n")
    assert "Traceback" not in said
    file = Path(said.partition("Its traceback is in ")[2].partition(";")[0])
    assert "RuntimeError: surprise" in file.read_text()
    file.unlink()


def test_debug_shows_where_what_nobody_foresaw_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert 70 == ends(RuntimeError("surprise"), debug=True)
    assert "in command" in capsys.readouterr().err
