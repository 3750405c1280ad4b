"""Entities: what the text names, each with its place."""

from pipeline.entities.find import find_entities

__all__ = ["find_entities"]
