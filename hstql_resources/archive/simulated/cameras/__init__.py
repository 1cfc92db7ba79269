"""Simulated exposures of ACS (WFC, HRC, SBC) and WFC3 (UVIS, IR), with known truth.

`detectors` and `frames` hold the geometry, `settings` the filters and apertures, `catalogue`
says which exposures exist. `scene` is the sky, `pixels` and `ramps` what the detectors make of
it, `combining` what the pipelines make of several. Keywords of headers stand in the folder
`cards/`; `values` and `image_values` say what they are filled with, and `writing` puts headers and
pixels together. `products`, `support` and `jitter` make the files; `truth` says what was put in.
`archive_contents` is the door.
"""
