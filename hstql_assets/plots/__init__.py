"""Plots: pictures of lightcurves to look at and to hand on."""
