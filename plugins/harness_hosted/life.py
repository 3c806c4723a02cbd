"""The life of a job, each step on disk before the next: uploaded, asked, ended, tuned, deployed.

A job that ended without a model is over: a resume makes another one, with its number behind the steps' names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from harness import Context, FineTuning, ModelError, Usage, numbers
from harness.errors import StillRunning, TuningRefused
from harness.finetuning import CurvePoint, JobOrder, TuningJob
from harness_hosted.curves import by_epoch, thinned
from harness_hosted.records import Asked, Best, Deployed, Ended, Epoch, Rows, TrainingFile, Tuned, Uploaded
from harness_hosted.waiting import Waiting

if TYPE_CHECKING:
    from harness_hosted.strategy import HostedFineTune

_FILE_SECONDS = 3600.0  # of waiting for a provider to look through an uploaded file
_ATTEMPTS = 3  # at files: one that was uploaded days ago may have expired before its job was made


class Life:
    """Takes a trial from its training file to a tuned model's name.

    Args:
        params: The strategy's.
        tuning: The provider.
        context: The trial's.
        file: What was written.
        write: Writes it again, where it is gone.
    """

    def __init__(
        self,
        params: HostedFineTune,
        tuning: FineTuning,
        context: Context,
        file: TrainingFile,
        write: Callable[[], TrainingFile],
    ) -> None:
        self._params = params
        self._tuning = tuning
        self._context = context
        self._file = file
        self._write = write
        self._files_sent: list[Uploaded] = []
        self._names: set[str] = set()

    @property
    def _provider(self) -> str:
        return self._tuning.rules.provider

    def tuned_name(self) -> str:
        """The name to ask the tuned model by.

        Raises:
            ModelError: The job failed or was cancelled.
            StillRunning: It goes on, and is left to; or the provider has not looked through its files yet.
        """
        for number in count(1):
            ended = self._job(number)
            if ended.model is not None:
                break
            self._context.warn(f"job {ended.id} was {ended.state}: another one was made")
        tuned = self._context.step("tuned", Tuned, lambda: self._look_at(ended))
        self._by_epoch(tuned)
        self._context.elapsed("training", ended.seconds)
        job = TuningJob(id=ended.id, state="succeeded", told=ended.told, model=tuned.model)
        deployed = self._context.step(
            "deployed", Deployed, lambda: Deployed(name=self._tuning.deploy(job, f"{self._context.key}/deployed"))
        )
        if deployed.name != tuned.model:
            self._context.warn(
                f"{self._provider} keeps {deployed.name!r} ready, and may bill it by the hour until it is deleted"
            )
        self._names = {tuned.model, deployed.name}
        return deployed.name

    def clear_away(self) -> None:
        """Has deleted what the suite says, once no trial of the run needs it."""
        files = {file for sent in self._files_sent for file in (sent.training, sent.validation) if file}
        for file in sorted(files) if self._params.delete != "none" else ():
            self._tuning.delete_file(file)
        for name in sorted(self._names) if self._params.delete == "all" else ():
            self._tuning.delete_model(name)

    def _job(self, number: int) -> Ended:
        """How the job of this number ended, once it has.

        Raises:
            ModelError: It ended without a model just now; the next attempt at the trial makes another.
        """
        nth = "" if number == 1 else f" {number}"
        now: list[Ended] = []

        def train() -> Ended:
            now.append(self._train(nth))
            return now[0]

        ended = self._context.step(f"ended{nth}", Ended, train)
        self._files_sent.append(ended.files)
        if ended.trained_tokens is None and ended.billed_tokens:
            self._context.warn(
                f"{self._provider} does not tell the trained tokens of job {ended.id}:"
                f" {ended.billed_tokens:,} are an estimate from above"
            )
        if ended.model is None and now:
            why = f": {ended.error}" if ended.error else ""
            raise ModelError(
                f"{self._provider} job {ended.id} ended as {ended.told!r}{why}. --resume makes another one"
            )
        return ended

    def _train(self, nth: str) -> Ended:
        upper = Usage(model=self._tuning.name, training_tokens=self._file.upper_tokens)
        with self._context.spend(upper, name=f"training{nth}") as spending:
            try:
                asked = self._context.step(f"job{nth}", Asked, lambda: self._create(nth))
            except TuningRefused:
                spending.actual(Usage(model=self._tuning.name))  # nothing was made that could cost
                raise
            job = Waiting(self._params, self._tuning, self._context).until_ended(asked)
            ended = self._ended(job, asked)
            spending.actual(Usage(model=self._tuning.name, training_tokens=ended.billed_tokens))
        return ended

    def _create(self, nth: str) -> Asked:
        params, files = self._params, self._files()
        order = JobOrder(
            key=f"{self._context.key}/job{nth}",
            training_file=files.training,
            validation_file=files.validation,
            method=params.method,
            epochs=params.epochs,
            batch_size=params.batch_size,
            learning_rate=params.learning_rate,
            beta=params.beta,
            seed=self._context.rng("job").randrange(2**31),
            suffix=params.suffix,
        )
        job = self._tuning.create(order)
        return Asked(id=job.id, asked=job.created or datetime.now(UTC), files=files)

    def _files(self) -> Uploaded:
        for attempt in range(1, _ATTEMPTS + 1):
            again = "" if attempt == 1 else f" {attempt}"
            files = self._context.step(f"uploaded{again}", Uploaded, partial(self._send, again))
            try:
                self._wait_ready(files)
                return files
            except TuningRefused as error:
                if error.kind != "not-found" or attempt == _ATTEMPTS:
                    raise
                self._context.warn("an uploaded file was gone before its job was made: it was sent again")
        raise AssertionError("the last attempt returns or raises")

    def _send(self, again: str) -> Uploaded:
        folder, key = self._context.folder, self._context.key
        if not (folder / self._file.path).exists():
            self._write()
        training = self._tuning.upload(folder / self._file.path, f"{key}/train{again}")
        if self._file.validation_path is None:
            return Uploaded(training=training)
        beside = folder / self._file.validation_path
        return Uploaded(training=training, validation=self._tuning.upload(beside, f"{key}/validation{again}"))

    def _wait_ready(self, files: Uploaded) -> None:
        pause = min(self._params.poll_seconds, 2.0)
        for file in (files.training, files.validation):
            waited = 0.0
            while file is not None and not self._tuning.file_ready(file):
                if waited > _FILE_SECONDS:
                    raise StillRunning(
                        f"{self._provider} still looks through {file} after {numbers.seconds(waited)}: no job was"
                        " made yet, and --resume looks again"
                    )
                self._context.progress(0, 1, f"{self._provider} looks through {file}")
                self._context.sleep(pause)
                waited += pause

    def _ended(self, job: TuningJob, asked: Asked) -> Ended:
        finished = job.finished or datetime.now(UTC)
        billed = job.trained_tokens
        if billed is None:
            billed = 0 if job.state == "failed" else self._file.upper_tokens
        return Ended(
            id=job.id,
            state=job.state,
            told=job.told,
            model=job.model if job.state == "succeeded" else None,
            error=job.error,
            trained_tokens=job.trained_tokens,
            billed_tokens=billed,
            seconds=max(0.0, (finished - (job.created or asked.asked)).total_seconds()),
            checkpoints=job.checkpoints,
            files=asked.files,
        )

    def _look_at(self, ended: Ended) -> Tuned:
        points: tuple[CurvePoint, ...] = ()
        try:
            points = tuple(self._tuning.curve(self._tuning.job(ended.id)))
        except ModelError as error:
            self._context.warn(f"the training curve could not be read: {error.message}")
        assert ended.model is not None
        return Tuned(
            job=ended.id,
            model=ended.model,
            trained_tokens=ended.trained_tokens,
            seconds=ended.seconds,
            curve=thinned(points),
        )

    def _by_epoch(self, tuned: Tuned) -> None:
        epochs = by_epoch(tuned.curve, self._file.epochs)
        if not epochs:
            return
        rows = Rows(rows=self._file.rows, validation_rows=self._file.validation_rows)
        self._context.step("rows", Rows, lambda: rows)
        for epoch in epochs:
            self._context.step(f"epoch-{epoch.epoch}", Epoch, partial(_same, epoch))
        self._context.step("best", Best, lambda: Best(epoch=len(epochs)))


def _same(epoch: Epoch) -> Epoch:
    return epoch
