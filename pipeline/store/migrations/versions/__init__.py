"""The revisions, one file each, in order of their numbers."""
