"""What a request for a job says; what it leaves to the service is `auto`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Numbers(BaseModel):
    n_epochs: int | Literal["auto"] = Field("auto", ge=1, le=50)
    batch_size: int | Literal["auto"] = Field("auto", ge=1, le=256)
    learning_rate_multiplier: float | Literal["auto"] = Field("auto", gt=0, le=100)


class _Supervised(BaseModel):
    hyperparameters: _Numbers = _Numbers()


class _Method(BaseModel):
    type: str
    supervised: _Supervised = _Supervised()


class Body(BaseModel):
    """What is read of a request for a job."""

    model_config = ConfigDict(extra="ignore")

    model: str
    training_file: str
    validation_file: str | None = None
    hyperparameters: _Numbers | None = None
    method: _Method | None = None
    suffix: str | None = Field(None, max_length=64)
    seed: int | None = None
    metadata: dict[str, str] | None = None

    @property
    def numbers(self) -> _Numbers:
        return self.method.supervised.hyperparameters if self.method else self.hyperparameters or _Numbers()
