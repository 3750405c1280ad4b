"""Settings of a run: command-line options over environment (``KEHOACH_…``) over a TOML file.

The file is ``kehoach.toml`` in the current folder, or the one that ``KEHOACH_CONFIG`` names.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

OcrMode = Literal["auto", "force", "off"]
REQUIRED_INDICES = ("PAR", "SIPAS", "PAPI", "PCI")


class Settings(BaseSettings):
    """Everything that can be chosen; sizes in bytes, times in seconds.

    ``workers`` 0 means one per core; ``scheduler`` is the address of a Dask scheduler (None, with
    the engine ``dask``: workers on this machine); ``patience`` is how long a run waits for a
    scheduler, for workers or a database that are gone; ``store`` is a database URL, None the file
    OUT/plans.sqlite; ``checklist`` is a file of the user's own (docs/audit.md); ``page_timeout``
    bounds the OCR of one page (0: not at all); ``names``: look for names of offices, persons,
    places, at some two thirds of the speed. Fields marked ``in_digest`` change what a record holds,
    so that a file done under other values of them is done again.
    """

    model_config = SettingsConfigDict(env_prefix="KEHOACH_", frozen=True, extra="forbid")

    workers: int = Field(default=0, ge=0)
    engine: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    patience: float = Field(default=120.0, ge=0)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    store: str | None = None
    timeout: float = Field(default=300.0, gt=0)
    page_timeout: float = Field(default=60.0, ge=0)
    ocr: OcrMode = Field(default="auto", json_schema_extra={"in_digest": True})
    names: bool = Field(default=True, json_schema_extra={"in_digest": True})
    required: tuple[str, ...] = Field(
        default=REQUIRED_INDICES, json_schema_extra={"in_digest": True}
    )
    language: Literal["vi", "en"] = "vi"
    checklist: Path | None = None
    max_file_size: int = Field(default=500 * 2**20, gt=0)
    max_pages: int = Field(default=2_000, gt=0, json_schema_extra={"in_digest": True})
    max_pixels: int = Field(default=100_000_000, gt=0, json_schema_extra={"in_digest": True})
    max_memory: int = Field(default=4 * 2**30, gt=0)
    ocr_dpi: int = Field(default=300, ge=72, le=600, json_schema_extra={"in_digest": True})

    @field_validator("required", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().upper() for part in value.split(",") if part.strip())
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options first, then the environment, then the TOML file."""
        path = Path(os.environ.get("KEHOACH_CONFIG", "kehoach.toml"))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path))

    @classmethod
    def of_run(cls, text: str) -> Settings:
        """The settings that a run noted (JSON), as far as this version still has them."""
        noted = {k: v for k, v in json.loads(text).items() if k in cls.model_fields}
        return cls(**noted)

    def digest(self) -> str:
        """A short hash of the settings that change what a record holds."""
        fields = type(self).model_fields
        kept = [
            f"{name}={getattr(self, name)!r}"
            for name, field in sorted(fields.items())
            if isinstance(extra := field.json_schema_extra, dict) and extra.get("in_digest")
        ]
        return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]
