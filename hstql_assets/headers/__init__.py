"""Record what the files of an observation say about it."""
