"""A server from its start to Ctrl-C."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.calls.cache import Cache
from harness.errors import ModelError, SuiteError
from harness.models import ChatModel
from harness.privacy.addresses import is_loopback
from harness.prompted import Prompted
from harness.records import TrialKey
from harness.running.long_rows import unwrapped
from harness.running.opening import opened
from harness.running.planning import check_models
from harness.running.runner import open_bench
from harness.running.store import RunFolder
from harness.serving.app import Service, app
from harness.serving.limits import Limits
from harness.serving.worker import Worker
from harness.strategy import Fitted
from harness.suite.load import Loaded, needs

INSTALL = "pip install 'harness[serve]'"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Place:
    """Where to listen.

    Attributes:
        host: A name or number of this machine.
        port: 0 for any that is free.
        secret: What callers must bring; empty for nothing.
    """

    host: str = LOOPBACK
    port: int = 8000
    secret: str = ""

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    def hosts(self, port: int) -> frozenset[str]:
        """What a Host header may say; empty for anything."""
        if not self.loopback:
            return frozenset()
        names = ("127.0.0.1", "localhost", "[::1]")
        return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def check_place(loaded: Loaded, place: Place) -> str | None:
    """What must be said of a place, if anything.

    Raises:
        SuiteError: Texts would leave this machine, though the suite is private.
    """
    if place.loopback:
        return None
    if loaded.suite.privacy == "local":
        raise SuiteError(
            f"--host {place.host!r}: the run's suite says `privacy: local`, so it is served to this machine alone;"
            " leave --host out"
        )
    key = "" if place.secret else ", and nobody is asked for a key (set HARNESS_SERVE_KEY)"
    return f"warning: {place.host} can be reached from other machines{key}; texts and answers travel unencrypted"


@contextmanager
def fitted(loaded: Loaded, folder: RunFolder, key: TrialKey) -> Iterator[Fitted]:
    """What a trial fitted, ready to answer; caches sleep, and no text is kept."""
    with ExitStack() as stack:
        check_models(loaded, [key])
        bench = open_bench(loaded, folder, stack)
        paid = any(not loaded.models[name].local for name in needs(loaded, key.strategy))
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-serve-")))
        # What an endpoint bills belongs to the run's books; a local model's seconds would only fill the disk.
        ledger = folder.path / "predictions.jsonl" if paid else temporary / "ledger.jsonl"
        job = bench.job(key)
        trial = stack.enter_context(opened(job, bench, ledger))
        trial.context.meter.phase = "warm-up"
        if not paid:
            bench.calls.cache = Cache(temporary / "none", enabled=False)
        known = (*job.data.train, *job.data.validation)
        if known and not paid:  # the first answer loads the weights
            for _ in trial.fitted.answer([known[0].query]):
                pass
        yield trial.fitted


def chat_of(loaded: Loaded, key: TrialKey, answering: Fitted) -> ChatModel | None:
    """The chat model behind a strategy, where it is on this machine."""
    own = unwrapped(answering)
    if isinstance(own, Prompted) and all(loaded.models[n].local for n in needs(loaded, key.strategy)):
        return own.model
    return None


def serve(
    loaded: Loaded, folder: RunFolder, key: TrialKey, place: Place, limits: Limits, say: Callable[[str], object]
) -> None:
    """Serves until Ctrl-C.

    Args:
        loaded: The run's suite.
        folder: The run.
        key: The trial; see `harness.running.prediction.find_trial`.
        place: Where to listen.
        limits: What is too much.
        say: Prints a line: where it listens, and one for each request.

    Raises:
        SuiteError: The port is taken, or the place is not private enough for the run.
        ModelError: The libraries are missing.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise ModelError(f"serving needs starlette and uvicorn ({error}): {INSTALL}") from error
    warning = check_place(loaded, place)
    if warning:
        say(warning)
    with _listening(place) as listener, fitted(loaded, folder, key) as answering:
        port = listener.getsockname()[1]
        columns = next(task.data.columns for task in loaded.suite.tasks if task.name == key.task)
        service = Service(
            fitted=answering,
            key=key,
            run=folder.id,
            chat=chat_of(loaded, key, answering),
            metadata=columns.metadata,
            limits=limits,
            hosts=place.hosts(port),
            secret=place.secret,
            say=say,
        )
        worker = Worker(limits)
        config = uvicorn.Config(
            app(service, worker),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            limit_concurrency=4 * (limits.queue + 1),
            timeout_graceful_shutdown=10,
        )
        try:
            name = f"[{place.host}]" if ":" in place.host else place.host
            say(f"http://{name}:{port}  {key}, run {folder.id}. Ctrl-C ends it.")
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            pass
        finally:
            worker.close()
        say("Ended.")


@contextmanager
def _listening(place: Place) -> Iterator[socket.socket]:
    """The socket, bound before weights are loaded: a port that is taken is said at once."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listener = socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        said = f"{place.host} port {place.port} cannot be used: {error.strerror or error}. Give another --port"
        raise SuiteError(f"{said}, or 0 for any") from None
    with listener:
        yield listener
