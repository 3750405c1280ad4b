"""The store: every record, why a file failed, and what a run did; SQLite or PostgreSQL."""

from pipeline.store.rows import Done, Failed, record_text, rows_of
from pipeline.store.store import Known, Records, Store, Summary

__all__ = ["Done", "Failed", "Known", "Records", "Store", "Summary", "record_text", "rows_of"]
