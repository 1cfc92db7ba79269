"""Robust statistics, positions on the orbit, small numerics: numpy, scipy and astropy only."""
