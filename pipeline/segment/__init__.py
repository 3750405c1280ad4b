"""Segmentation: from lines to the tree of sections.

Nothing is imported here: those who only fold words need not load the outline.
"""
