"""Statistics: numbers that describe a lightcurve, and the periods in it."""
