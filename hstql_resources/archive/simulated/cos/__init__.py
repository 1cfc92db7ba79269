"""Simulate COS: its exposures, their events, spectra and support files."""
