"""Simulated STIS TIME-TAG exposures: first order (G140L) and echelle (E140M), with known truth.

`catalogue` says which exposures exist; `instrument` and `detector` hold the physics;
`photons` draws the events and `extraction` makes the spectrum that calstis would;
`headers`, `products` and `support` write it all as FITS, `references` the reference files.
`archive_contents` is the door.
"""
