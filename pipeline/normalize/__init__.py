"""Normalization: from a segmented document to the record of the contract.

Nothing is imported here: those who only read records need not load what makes them.
"""
