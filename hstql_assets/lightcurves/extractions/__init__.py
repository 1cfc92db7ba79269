"""Make lightcurves beside the default one, each with a name, rows and a file of its own.

`extractions.toml` says which there are, `definitions` reads it; `making` makes those of an
exposure, `inputs` and `recording` ask and write tables. How events become a lightcurve is told one
folder up: an extraction is `ExtractionSettings` with a name.
"""
