"""The service on a port of this machine, in a thread beside whoever uses it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from harness.errors import ModelError, SuiteError
from suites.local_service.app import app
from suites.local_service.service import Service

LOOPBACK = "127.0.0.1"


@contextmanager
def bound(port: int = 0) -> Iterator[socket.socket]:
    """A socket on a port, 0 for any that is free.

    Raises:
        SuiteError: The port is taken.
    """
    try:
        listener = socket.create_server((LOOPBACK, port))
    except OSError as error:
        said = f"port {port} of {LOOPBACK} cannot be used ({error.strerror or error}): is another service running?"
        raise SuiteError(f"{said} Give another --port, or 0 for any") from None
    with listener:
        yield listener


@contextmanager
def listening(service: Service, listener: socket.socket) -> Iterator[str]:
    """Serves until the block ends; gives the base URL.

    Raises:
        ModelError: The libraries are missing, or the server does not start.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise ModelError(
            f"the service needs starlette and uvicorn ({error}): pip install 'harness[serve]'"
        ) from error
    # A reply that is cut off on purpose is an error to it.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(app(service), log_config=None, access_log=False, lifespan="on", ws="none")
    config.timeout_graceful_shutdown = 5
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="service", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise ModelError("the service did not start")
            time.sleep(0.01)
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join()
