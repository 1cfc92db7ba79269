"""Correct the event list of a STIS MAMA detector (tag to corrtag).

Read in this order: `tags` (the event list), `orders` (the x1d: where each spectral order is),
`traces` (rows of high-resolution pixels), `flat_fields`, `bad_pixels` and `dead_time` (one
correction each), `wavelengths`, `reference_data` (what there is of reference files, and what not),
`correction` (all of it in a row), `corrtags` (the file) and `making` (from files to a file).

Pixels. Events have high-resolution pixels, 1 to 2048; reference files and the x1d mostly have
low-resolution pixels of 2 x 2, 1 to 1024. The high-resolution pixel h lies in the low-resolution
pixel (h + 1) // 2, and its centre at (h + 0.5) / 2 of that scale.
"""
