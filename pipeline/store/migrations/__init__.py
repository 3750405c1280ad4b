"""Migrations of the store's schema, run by :mod:`pipeline.store.database` when a store opens."""
