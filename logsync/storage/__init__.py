"""Stores parsed records, one page per transaction."""
