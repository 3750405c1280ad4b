"""The version of the rules that an audit was made by; every result carries it."""

from __future__ import annotations

RULES_VERSION = "1.1"
"""Raised whenever the same record could get another status, score or finding."""
