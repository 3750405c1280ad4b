"""Segmentation: from lines to the tree of sections."""

from pipeline.segment.outline import segment

__all__ = ["segment"]
