"""Audit: what each plan covers, over a whole folder."""
