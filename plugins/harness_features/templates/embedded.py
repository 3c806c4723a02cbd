"""The features of a text: its vector by the frozen encoder."""

import embedder


def load(folder):
    return embedder.load(folder).embed
