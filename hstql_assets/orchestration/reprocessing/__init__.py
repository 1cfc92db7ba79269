"""Reprocessing: files had again from the archive or the pipeline, and all that follows."""
