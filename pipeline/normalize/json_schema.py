"""The JSON Schema of a record, versioned."""

from __future__ import annotations

from typing import Any

from pipeline.normalize.record import SCHEMA_VERSION, PlanRecord


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``plans/<stem>.json``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kehoach:plan-record:{SCHEMA_VERSION}",
        "version": SCHEMA_VERSION,
        **PlanRecord.model_json_schema(mode="serialization"),
    }
