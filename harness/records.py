"""Every type that is written to disk. All are frozen and refuse unknown fields.

Query     what a strategy is asked: id, text, earlier turns, metadata; never a target
Example   a query with its targets
Brief     what the task is
Usage     what a call, an embedding or a training step used
Outcome   one line of outcomes.jsonl: what came back for one test query, and what was sent for it
Probed    one line of probes.jsonl: what came back for a test query in another form
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Kind = Literal["label", "labels", "fields", "text"]
# What is done with a text that is longer than a model's window; None leaves it to the model.
Long = Literal["fail", "head", "middle", "chunks"]
# Rows of validation and probes are asked once the test queries are; they are no part of what a strategy costs.
Phase = Literal["prepare", "warm-up", "sample", "bulk", "validation", "probe"]
# A candidate was prepared for another trial and is not asked the test queries itself.
Status = Literal["running", "finished", "failed", "stopped", "not-applicable", "candidate"]


class Record(BaseModel):
    # A likelihood of zero is minus infinity, which must not come back as null. What checks a type is built when it
    # is first used: most commands need few of them.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants", defer_build=True)


class Message(Record):
    role: Literal["system", "user", "assistant"]
    content: str


class Query(Record):
    """All that a strategy's `answer` may see: targets cannot leak, by type.

    Attributes:
        id: The source row's own id or a hash of its content: the same in every split, size and seed.
        text: The last user turn.
        history: Earlier turns.
        metadata: Other columns by name; never the target's.
    """

    id: str
    text: str
    history: tuple[Message, ...] = ()
    metadata: Mapping[str, str] = {}

    def __hash__(self) -> int:
        return hash(self.id)


class Example(Record):
    """A query and what it should be answered.

    Attributes:
        query: The question.
        targets: One label; all labels; one JSON object as text; or every acceptable text.
    """

    query: Query
    targets: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.query.id)


class Row(Record):
    """A row of a table beside the task: a passage of a corpus, a preference pair, bare text."""

    id: str
    fields: Mapping[str, str]


class Brief(Record):
    """What the task is.

    Attributes:
        name: The task's name in the suite.
        instructions: The user's own words for it.
        kind: `label` (one of several), `labels` (any number of several), `fields` (JSON), `text` (free).
        labels: Label to description, in the suite's order; empty for `fields` and `text`.
        aliases: Label to other names that an answer may have for it.
        label_words: Label to what prompts say in its stead, where its name says nothing: a code's description.
        ordered: Whether the labels are a scale, in their order.
        answer_schema: JSON schema of a `fields` answer.
        match: Of a `fields` answer: field to how it is compared with its target.
        long: What is done with a text that is longer than a model's window; None leaves it to the model.
        max_output_tokens: The longest answer that is asked for, in tokens.
    """

    name: str
    instructions: str
    kind: Kind
    labels: Mapping[str, str] = {}
    aliases: Mapping[str, tuple[str, ...]] = {}
    label_words: Mapping[str, str] = {}
    ordered: bool = False
    answer_schema: Mapping[str, Any] | None = None
    match: Mapping[str, Mapping[str, Any]] = {}
    long: Long | None = None
    max_output_tokens: int = 64


class Usage(Record):
    """What was used, in tokens and device seconds; prices come later and elsewhere.

    Attributes:
        model: The name prices go by; `this` is the machine itself.
        input_tokens: Tokens sent, the cached ones included.
        cached_tokens: Those of them that the endpoint billed as cached.
        output_tokens: Tokens that came back.
        training_tokens: Tokens trained on, summed over epochs.
        hosting_seconds: Seconds that a provider kept a tuned model ready, where it bills for that.
        batched: Whether it went as a batch, which costs less.
        device_seconds: Seconds that a device rented by the hour was held; such usage has no token price.
    """

    model: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    training_tokens: int = 0
    device_seconds: float = 0.0
    hosting_seconds: float = 0.0
    batched: bool = False


class Prediction(Record):
    """An answer.

    Attributes:
        query_id: Which query it answers.
        answers: One label; all labels; one JSON object as text; one text.
        probabilities: By label, where the strategy can tell.
        notes: What the record should keep: retrieved ids, truncated, escalated, …
    """

    query_id: str
    answers: tuple[str, ...]
    probabilities: Mapping[str, float] | None = None
    notes: Mapping[str, str] = {}


class Failed(Record):
    """A failure is an outcome of its own: never a wrong answer, never NaN.

    Attributes:
        query_id: Which query has no answer.
        kind: A short word to count by: `too-long`, `not-a-label`, `unanswered`, `timeout`, …
        error: What happened, for a person.
        passing: Whether the same may succeed later (a rate limit, a server's error): a trial that did not end well
            asks for it again when it is taken up.
    """

    query_id: str
    kind: str
    error: str
    passing: bool = False


class TrialKey(Record):
    """Names one trial of a run.

    Attributes:
        task: The task's name.
        strategy: The strategy's name.
        seed: What every random choice of the trial is drawn from.
        repeat: Which repetition with the same seed.
        train_size: Labelled examples given, train and validation together; None for all.
    """

    task: str
    strategy: str
    seed: int = 0
    repeat: int = 0
    train_size: int | None = None

    @property
    def contender(self) -> str:
        """What tables call the strategy: of a learning curve with its size, ``lora n=64``."""
        return self.strategy if self.train_size is None else f"{self.strategy} n={self.train_size}"

    def __str__(self) -> str:
        size = "" if self.train_size is None else f"-n{self.train_size}"
        return f"{self.task}/{self.strategy}/{self.seed}-{self.repeat}{size}"


class LedgerEntry(Record):
    """One line of the only meter there is; on disk before it is believed.

    Attributes:
        name: The same for the same work however often a run is resumed; the last entry of a name counts.
        trial: Who used it.
        phase: What for.
        query_id: Which query it was for, where it was for one.
        usage: What was used.
        seconds: Seconds at work, as first observed; waits for limits and retries are not in it.
        paid: False for a replay: costed for the comparison, not paid again.
        at: When.
    """

    name: str
    trial: TrialKey
    phase: Phase
    query_id: str | None = None
    usage: Usage
    seconds: float
    paid: bool
    at: datetime


class Exchange(Record):
    """What was sent to a model for a query, and what came back.

    Attributes:
        model: The model's identity.
        messages: The prompt as sent.
        choices: The answers that it was held to, if any.
        text: What came back; untrusted wherever it is shown.
        asked: How the answer was held to its choices or its schema: by likelihood, as a schema, or in text alone.
        logprobs: Log-likelihood of each choice, where the model gives it.
        replayed: Whether it came from the cache.
        request_id: The endpoint's own id for it.
        served: The name of the model that answered, as the endpoint gave it.
        fingerprint: The endpoint's mark of what answered.
        max_tokens: The longest answer that was asked for.
        temperature: Asked for.
        sample: Which draw of the same prompt.
    """

    model: str
    messages: tuple[Message, ...]
    choices: tuple[str, ...] = ()
    text: str
    asked: Literal["likelihood", "schema", "text"] = "text"
    logprobs: Mapping[str, float] | None = None
    replayed: bool = False
    request_id: str | None = None
    served: str | None = None
    fingerprint: str | None = None
    max_tokens: int = 64
    temperature: float = 0.0
    sample: int = 0


class Outcome(Record):
    """One line of outcomes.jsonl, or of validation.jsonl.

    Attributes:
        query_id: Which test query, or which of validation.
        result: What came back for it.
        score: The task's metric for this row alone, 0 to 1; None for a failure.
        phase: `sample` (asked alone and timed) or `bulk`; `validation` for a row of that split.
        seconds: Latency, only in the `sample` phase.
        exchanges: What was sent to models for it.
        at: When.
    """

    query_id: str
    result: Prediction | Failed
    score: float | None = None
    phase: Phase
    seconds: float | None = None
    exchanges: tuple[Exchange, ...] = ()
    at: datetime


class Probed(Record):
    """One line of probes.jsonl: a test query in another form, to compare with its own outcome.

    Attributes:
        probe: `typos`, `case`, `whitespace`, `instructions`, or `counterfactual:` and the group's name.
        variant: Which form of it: `1`, `lower`, `he->she`, or the number of the instructions, from 1.
        query_id: The test query that it was made from; what was asked has an id of its own, which `result` has.
        text: As it was asked.
        result: What came back for it.
        at: When.
    """

    probe: str
    variant: str
    query_id: str
    text: str
    result: Prediction | Failed
    at: datetime


class Problem(Record):
    """Why a trial has no result."""

    kind: str
    message: str
    traceback: str = ""


class PluginStamp(Record):
    """Which code ran."""

    name: str
    version: str
    sha256: str


class Step(Record):
    """A piece of prepare that is done once: what `context.step` returned, kept on disk."""

    name: str
    result: JsonValue
    seconds: float
    at: datetime


class TrialHeader(Record):
    """trial.json: all of a trial but its outcomes, its ledger and its steps.

    Attributes:
        key: Which trial.
        use: The strategy's plugin name or path.
        params: Its parameters, in full, defaults too.
        yardstick: Whether the harness added it.
        plugin: Which code ran.
        status: Where it stands.
        problem: Why it has no result, where it has none.
        prepare_seconds: Wall seconds of prepare without waits, as first observed; None before it is done.
        warnings: What a reader must know: truncated texts, labels without demonstrations, …
        started: When it was first begun.
        finished: When it ended.
        attempts: How often it was taken up.
    """

    key: TrialKey
    use: str
    params: Mapping[str, JsonValue]
    yardstick: bool = False
    plugin: PluginStamp
    status: Status = "running"
    problem: Problem | None = None
    prepare_seconds: float | None = None
    warnings: tuple[str, ...] = ()
    started: datetime
    finished: datetime | None = None
    attempts: int = 1


class Hardware(Record):
    """What the run ran on.

    Attributes:
        cores: Those really available to the process.
        cpu: The processor's name.
        memory_gib: Memory in GiB.
        gpus: Names of the GPUs.
        bf16: Whether the device computes in bfloat16.
        platform: Operating system and architecture.
    """

    cores: int
    cpu: str
    memory_gib: float
    gpus: tuple[str, ...] = ()
    bf16: bool = False
    platform: str


class SplitSummary(Record):
    """Counts of one task's data, for the run's header."""

    train: int
    validation: int
    test: int
    fingerprint: str = Field(description="Hash of the rows' ids, texts and targets, split by split.")
    test_fingerprint: str = Field(description="The same of the test rows alone.")
    warnings: tuple[str, ...] = ()


class RunHeader(Record):
    """run.json: what a run is, written once at its start and once at its end.

    Attributes:
        id: The run's folder name.
        name: The suite's name.
        suite_path: Its file.
        suite_folder: Where its relative paths start from.
        started: When it was first begun.
        finished: When it ended; None while it has not.
        versions: Of Python, the harness and the packages that matter.
        hardware: What it ran on.
        git_commit: Of the suite's folder; `+` behind it where files were changed.
        seeds: Seeds asked for.
        repeats: Repetitions asked for.
        sizes: Labelled rows, train and validation together, that each trial ran with once; empty for all rows.
        only: `--strategy`, where it was given.
        limit: `--limit`, where it was given.
        data: Counts and fingerprint by task.
        looks: By task, how many earlier runs in this results folder looked at any of the same test rows.
        forgotten: When its texts, prompts and fitted strategies were removed; None while they are there.
    """

    id: str
    name: str
    suite_path: str
    suite_folder: str
    started: datetime
    finished: datetime | None = None
    versions: Mapping[str, str]
    hardware: Hardware
    git_commit: str | None = None
    seeds: tuple[int, ...]
    repeats: int = 1
    sizes: tuple[int, ...] = ()
    only: tuple[str, ...] = ()
    limit: int | None = None
    data: Mapping[str, SplitSummary] = {}
    looks: Mapping[str, int] = {}
    forgotten: datetime | None = None
