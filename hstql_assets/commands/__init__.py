"""Answer the command line: what `hstql` understands, and what it says."""
