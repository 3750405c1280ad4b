"""Entities: what the text names, each with its place.

Nothing is imported here: those who only need a table of places need not load the models.
"""
