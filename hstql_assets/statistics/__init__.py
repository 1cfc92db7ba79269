"""Statistics: numbers that describe a lightcurve."""
