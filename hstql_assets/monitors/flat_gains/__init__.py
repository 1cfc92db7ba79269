"""Measure the gain of the cameras from pairs of flat fields, by photon transfer.

`selection` says which exposures are flats for it, `pairs` which two belong together. `flat_frames`
reads a flat, `photon_transfer` measures mean and variance of a pair in boxes, `fitting` draws the
line whose slope is the gain, and `measure` is the worker's task. Orchestration is elsewhere.
"""
