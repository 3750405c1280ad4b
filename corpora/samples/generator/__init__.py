"""Makes the sample plans: one source text, many kinds of damage, and the truth beside each."""

from generator.channels import KINDS, Sample, damage
from generator.source import Plan, load, parse

__all__ = ["KINDS", "Plan", "Sample", "damage", "load", "parse"]
