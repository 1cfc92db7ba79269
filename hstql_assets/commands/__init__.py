"""The command line: what `hstql` understands, and how it answers."""
