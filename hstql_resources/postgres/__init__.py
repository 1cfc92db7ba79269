"""Postgres: the embedded server, its account and address, and how rows are read and written."""
