"""Observations: which there are, and their files, brought in from the archive."""
