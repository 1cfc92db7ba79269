"""Measure extracted spectra, and the pulse heights of COS events, file by file.

What a spectrum shows over time (sensitivity, resolution) is for monitors; lightcurves are made
from events elsewhere.
"""
