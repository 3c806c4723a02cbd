"""Keeps progress bars and advice of the libraries away from the user's terminal, and puts all back."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import ModelError
from harness_transformers.places import INSTALL_LOCAL


@contextmanager
def quiet() -> Iterator[None]:
    """While it lasts transformers and the hub say nothing but errors.

    Raises:
        ModelError: Where torch or transformers is not installed.
    """
    # Said before tokenizers is first used: it warns in every process that is forked afterwards.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        import torch  # noqa: F401
        from transformers.utils import logging
    except ImportError as error:
        raise ModelError(f"local models need torch and transformers ({error}): {INSTALL_LOCAL}") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
