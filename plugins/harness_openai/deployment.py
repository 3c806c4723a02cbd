"""Where a tuned model is to answer, for providers that serve one only once it is deployed.

deployment: {subscription: 6b1c…, resource_group: lab, token_env: AZURE_TOKEN}      Azure
deployment: {account: acme, hardware: NVIDIA_H100_80GB}                              Fireworks
deployment: {hardware: 1x_nvidia_h100_80gb_sxm}                                      Together
"""

from __future__ import annotations

import os
import re

from pydantic import Field, field_validator

from harness.errors import ModelError
from harness.privacy.keys import printed
from harness.records import Record
from harness_openai.address import read


class Deployment(Record):
    """What a provider must know to serve a tuned model. What is deployed is billed by the hour until deleted."""

    base: str | None = Field(
        None, description="The base model's name for fine-tuning, where `model` is the name of a deployment of it."
    )
    account: str | None = Field(
        None, description="Fireworks' account id; for Azure the resource's name, where the host does not tell it."
    )
    subscription: str | None = Field(None, description="Azure's subscription id.")
    resource_group: str | None = Field(None, description="Azure's resource group.")
    token_env: str | None = Field(
        None, description="The environment variable that holds a token for Azure Resource Manager."
    )
    token_command: tuple[str, ...] = Field(
        (),
        description="A command that prints such a token, as a list of words, such as az, account, "
        "get-access-token, --query, accessToken, -o, tsv.",
    )
    sku: str = Field("Standard", description="Azure's kind of deployment.")
    capacity: int = Field(10, ge=1, description="Azure's thousands of tokens per minute.")
    manager: str = Field("https://management.azure.com", description="Azure Resource Manager's address.")
    hardware: str | None = Field(
        None, description="What it runs on: Together's hardware id, or Fireworks' acceleratorType."
    )
    idle_minutes: int = Field(30, ge=1, description="Together's endpoint stops after so long without a request.")

    @field_validator("token_env", mode="after")
    @classmethod
    def _names_a_variable(cls, value: str | None) -> str | None:
        # The value is not shown: whoever errs here may have pasted the token.
        if value is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", value):
            raise ValueError(
                "token_env is the name of an environment variable in capitals, such as AZURE_TOKEN, never a token"
            )
        return value

    @field_validator("manager", mode="after")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        read(value)
        return value

    @property
    def managed(self) -> bool:
        """Whether all is there to deploy with Azure Resource Manager."""
        return bool(self.subscription and self.resource_group and (self.token_env or self.token_command))

    @property
    def token_from(self) -> str:
        """Where the token comes from, for advice."""
        return self.token_env or "what `token_command` prints"

    def token(self) -> str:
        """Azure Resource Manager's token; it lasts for about an hour, so it is asked for each time.

        Raises:
            ModelError: There is none.
        """
        if self.token_env:
            found = os.environ.get(self.token_env, "").strip()
            if not found:
                raise ModelError(f"the environment variable {self.token_env} is not set (deployment.token_env)")
            return found
        said = f"deployment.token_command {self.token_command[0]!r}"
        found = printed(self.token_command, f"{said} gave no token: it")
        if not found or not found.isascii() or len(found.split()) != 1:
            raise ModelError(f"{said} printed no token")
        return found
