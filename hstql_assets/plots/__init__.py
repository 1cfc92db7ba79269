"""Draw lightcurves, to look at and to hand on."""
