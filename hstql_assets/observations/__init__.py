"""Find which observations there are, and bring their files in from the archive."""
