"""Keys and values of answers in the making: a slot a row, filled token by token, never copied as it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from harness_transformers.engine.layout import SlotView


class Slots:
    """Memory for a fixed number of rows.

    Args:
        rows: How many.
        columns: The longest, in tokens behind the shared head.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.rows = rows
        self.columns = columns
        self._layers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def put(
        self, layer: int, view: SlotView, k: torch.Tensor, v: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keeps keys and values (rows, key heads, tokens, width); gives those of the first slots so far."""
        if layer not in self._layers:
            shape = (self.rows, k.shape[1], self.columns, k.shape[3])
            # Zeros: what is masked is still multiplied, and no number times nothing is no number.
            self._layers[layer] = (k.new_zeros(shape), v.new_zeros(shape))
        keys, values = self._layers[layer]
        keys[view.places, :, view.columns] = k.transpose(1, 2)
        values[view.places, :, view.columns] = v.transpose(1, 2)
        rows = len(view.places)
        return keys[:rows, :, : view.keys], values[:rows, :, : view.keys]

    def move(self, source: int, target: int, filled: int) -> None:
        """A row's states into another slot."""
        for keys, values in self._layers.values():
            keys[target, :, :filled] = keys[source, :, :filled]
            values[target, :, :filled] = values[source, :, :filled]

    def of(self, slot: int, filled: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """A row's states by layer, each (1, key heads, tokens, width)."""
        layers = (self._layers[number] for number in sorted(self._layers))
        return [(k[slot : slot + 1, :, :filled], v[slot : slot + 1, :, :filled]) for k, v in layers]
