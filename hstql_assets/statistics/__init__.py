"""Describe a lightcurve by numbers, and find the periods in it."""
