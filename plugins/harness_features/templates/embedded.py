"""The features of a text: its vector by the frozen encoder."""

import embedding


def load(folder):
    return embedding.load(folder)
