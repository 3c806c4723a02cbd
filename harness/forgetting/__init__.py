"""Forgets the texts of a run and keeps its figures: `freezing`, then `redaction` of every file, then the cache."""
