"""Normalization: from a segmented document to the record of the contract."""

from pipeline.normalize.build import normalize
from pipeline.normalize.json_schema import schema

__all__ = ["normalize", "schema"]
