"""Keeps the library's progress bars and retries off the terminal, and its download counts at home."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from harness import DataError


@contextmanager
def quiet() -> Iterator[None]:
    """While it lasts `datasets` and the hub say nothing but errors.

    Raises:
        DataError: Where `datasets` is not installed; gives the command.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import datasets
            from huggingface_hub.utils import logging
        except ImportError as error:
            raise DataError(
                f"paths that begin with hf: need the package datasets ({error}): pip install 'harness[datasets]'"
            ) from error
        datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False  # a request to the hub for each load, even of a folder
        verbosity, hub = datasets.logging.get_verbosity(), logging.get_verbosity()
        bars = datasets.are_progress_bars_disabled()
        datasets.logging.set_verbosity_error()
        logging.set_verbosity(40)
        datasets.disable_progress_bars()
        try:
            yield
        finally:
            datasets.logging.set_verbosity(verbosity)
            logging.set_verbosity(hub)
            if not bars:
                datasets.enable_progress_bars()
