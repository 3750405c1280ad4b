"""Finding the files of a folder and saying, by their content, what each one is."""

from pipeline.ingest.identify import identify
from pipeline.ingest.walk import Found, Listing, Refused, find

__all__ = ["Found", "Listing", "Refused", "find", "identify"]
