"""Have files again from the archive or the pipeline, and make all that follows."""
