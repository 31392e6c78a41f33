"""What several groups of routes read and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Revision = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^-\x00-\x20][^\x00-\x20]*$")]
"""A revision of git: no option, no spaces, no control characters."""


class Accepted(BaseModel):
    """It is kept, and will be done."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": "0b54c8f0a1f54e3f8e2f6d1b7c9a4e21"}})

    id: str
