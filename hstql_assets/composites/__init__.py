"""Compose the lightcurves of a target into one for each configuration.

Read in this order: `configuration` (what may be put together), `membership` (which targets
changed), `choosing` (which exposures), `composing` (members to one series, the formulas being those
of lightcurves), `product` (the file), `making` (a worker's task), `retiring` (composites that a
target has no more).
"""
