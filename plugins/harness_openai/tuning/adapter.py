"""What the providers' adapters share: the name that prices go by, the tuned endpoint, and what is let go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from harness import CallFailed
from harness.finetuning import CurvePoint, FileRules, JobEvent, JobOrder, JobState, TuningJob
from harness.models import Endpoint
from harness.trainingfiles.rules import rules_of
from harness_openai.batching import chat_endpoint
from harness_openai.endpoint import ChatEndpoint
from harness_openai.reading import mark
from harness_openai.tuning.wire import Rejected, Wire

if TYPE_CHECKING:
    from harness.privacy.keys import KeySource
    from harness_openai.model import OpenAIChat


class Adapter(ABC):
    """One provider's fine-tuning; see `harness.finetuning.FineTuning` for what each method promises.

    Args:
        params: What the suite says.
        key: Where the key comes from; it is read when something is first sent.
    """

    states: ClassVar[Mapping[str, JobState]]
    provider: ClassVar[str]
    # Bytes of the largest file that can be sent as this adapter sends it, where the provider takes larger ones.
    one_upload: ClassVar[int | None] = None
    # Fields of an order that the provider has no place for; leaving one out would train otherwise than was asked.
    takes_no: ClassVar[tuple[str, ...]] = ()
    # Words of a refusal of a model that is there and is not served.
    not_served: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: OpenAIChat, key: KeySource) -> None:
        self._params = params
        self._key = key
        self._wire = self._wired()
        self._endpoints: list[ChatEndpoint] = []

    @property
    def name(self) -> str:
        return f"{self._params.seller}/ft:{self.base}"

    @property
    def base(self) -> str:
        """The base model's name, as the provider's fine-tuning knows it."""
        told = self._params.deployment
        return self._params.model if told is None or told.base is None else told.base

    @property
    def rules(self) -> FileRules:
        rules = rules_of(self.provider, self.base)
        sizes = [size for size in (rules.file_bytes, self.one_upload) if size is not None]
        return rules.model_copy(update={"file_bytes": min(sizes, default=None)})

    @abstractmethod
    def upload(self, path: Path, key: str) -> str: ...

    @abstractmethod
    def find_file(self, key: str) -> str | None: ...

    @abstractmethod
    def file_ready(self, file: str) -> bool: ...

    @abstractmethod
    def create(self, order: JobOrder) -> TuningJob: ...

    @abstractmethod
    def find(self, key: str) -> TuningJob | None: ...

    @abstractmethod
    def job(self, job: str) -> TuningJob: ...

    @abstractmethod
    def cancel(self, job: str) -> None: ...

    @abstractmethod
    def delete_model(self, model: str) -> None: ...

    def delete_file(self, file: str) -> None:
        self._gone(f"/files/{quote(file, safe='')}")

    def events(self, job: str) -> Sequence[JobEvent]:
        return ()

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        return ()

    def deploy(self, job: TuningJob, key: str) -> str:
        return self._model(job)

    def endpoint(self, model: str) -> Endpoint:
        # It has learnt to answer in text: JSON that a schema puts round a label is not what it was taught.
        structured = "text" if self._params.structured == "auto" else self._params.structured
        params = self._params.model_copy(update={"model": model, "batch_model": None, "structured": structured})
        made = chat_endpoint(params, self._key, tuned=self.name)
        self._endpoints.append(made)
        return made

    def release(self) -> None:
        """Closes what is open: the client, and endpoints that core has not closed already."""
        self._wire.close()
        for endpoint in self._endpoints:
            endpoint.release()

    def _wired(self) -> Wire:
        return Wire(self._params, self._key, self._params.address.url)

    def _state(self, told: str) -> JobState:
        return self.states.get(told, "unknown")

    def _hide(self, message: str | None) -> str | None:
        return None if message is None else self._wire.secret.short(message)

    def _model(self, job: TuningJob) -> str:
        if job.model is None:
            raise CallFailed("deploy", f"the job {job.id!r} is {job.told!r} and has no model to ask", fatal=True)
        return job.model

    def _answers(self, model: str) -> bool:
        """Whether a model is served, by a question that costs nothing: it has no messages."""
        try:
            self._wire.json("POST", "/chat/completions", {"model": model, "messages": []})
        except Rejected as error:
            words = f"{error.said.code} {error.said.message}".casefold()
            if error.kind == "not-found" or any(word in words for word in self.not_served):
                return False
            if error.retry or error.fatal:
                raise
        return True

    @staticmethod
    def _marked(order: JobOrder) -> str:
        """A suffix by which the job is found again, where its provider keeps no metadata."""
        return f"{order.suffix[:20]}-{mark(order.key)}" if order.suffix else mark(order.key)

    def _check(self, order: JobOrder) -> None:
        """Refuses an order that the provider cannot be told in full."""
        unsaid = [name for name in self.takes_no if getattr(order, name) is not None]
        if unsaid:
            raise CallFailed(
                "order", f"{self.provider} takes no {' and no '.join(unsaid)}: leave that out", fatal=True
            )
        if order.method not in self.rules.methods:
            able = ", ".join(self.rules.methods)
            raise CallFailed("order", f"{self.provider} does not tune by {order.method!r}: use {able}", fatal=True)

    def _stop(self, path: str, job: str) -> None:
        """Cancels by a POST; no error where the job has ended meanwhile."""
        try:
            self._wire.json("POST", path, {})
        except CallFailed as error:
            if error.retry or error.fatal or not self.job(job).ended:
                raise

    @staticmethod
    def _id(row: Mapping[str, Any], name: str = "id") -> str:
        found = row.get(name)
        if not isinstance(found, str) or not found:
            raise CallFailed("malformed", f"the provider's answer has no {name}", retry=True)
        return found

    def _gone(self, path: str, query: Mapping[str, str] | None = None) -> None:
        """Deletes; no error where it is gone already."""
        try:
            self._wire.json("DELETE", path, query=query)
        except CallFailed as error:
            if error.kind != "not-found":
                raise
