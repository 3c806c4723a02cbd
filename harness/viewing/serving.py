"""A server from its start to Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from harness.running.rows import Row
from harness.running.store import RunFolder
from harness.viewing.keys import key
from harness.viewing.pages import Site
from harness.viewing.server import Server
from harness.viewing.shelf import Shelf


@contextmanager
def opened(
    folders: Callable[[], Sequence[RunFolder]],
    rows: Callable[[RunFolder], Sequence[Row]],
    *,
    results: Path,
    port: int | None = None,
) -> Iterator[Server]:
    """A server that listens and does not answer yet; leaving frees its port and files.

    Args:
        folders: Gives the runs, again for every page.
        rows: Gives a run's figures.
        results: Where the server's key is kept.
        port: 0 for any that is free; None for the usual one, or any where that is taken.

    Raises:
        SuiteError: The port is taken.
    """
    secret = key(results)
    shelf = Shelf(folders, rows)
    try:
        with Server(Site(shelf, secret).respond, secret, port) as server:
            yield server
    finally:
        shelf.close()


def serve(
    folders: Callable[[], Sequence[RunFolder]],
    rows: Callable[[RunFolder], Sequence[Row]],
    *,
    results: Path,
    port: int | None,
    say: Callable[[str], object],
    open_at: Callable[[str], object] | None,
) -> None:
    """Serves runs until Ctrl-C.

    Args:
        folders: Gives the runs, again for every page.
        rows: Gives a run's figures.
        results: Where the server's key is kept.
        port: 0 for any that is free; None for the usual one, or any where that is taken.
        say: Prints a line.
        open_at: Opens a browser; None for nobody.
    """
    with opened(folders, rows, results=results, port=port) as server:
        try:
            say(f"{server.url}\nOnly this machine and whoever has this address can read it. Ctrl-C ends it.")
            if open_at is not None:  # a browser in the terminal would hold the server up
                Thread(target=open_at, args=(server.ticket(),), daemon=True).start()
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            say("\nEnded.")
