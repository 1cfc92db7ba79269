"""Follow how steadily the telescope points during exposures of COS, from their jitter files.

`statistics` makes numbers of the columns of a table, `jitter_file` reads the tables and when they
began, `measure` makes rows. `read`, `history` and `trend` look at all of them together. `monitor`
wires it.
"""
