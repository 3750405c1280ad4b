"""Finding the files of a folder and saying, by their content, what each one is."""

from pipeline.ingest.archive import unpack_archives
from pipeline.ingest.entries import Found, Listing, Refused
from pipeline.ingest.identify import identify
from pipeline.ingest.walk import find

__all__ = ["Found", "Listing", "Refused", "find", "identify", "unpack_archives"]
