"""Follow how steadily the telescope points during exposures of COS, from their jitter files.

`statistics` makes numbers of the columns of a table, `reading` reads the tables and when they
began, `measuring` makes rows. `trend`, with `drawing` and `judging`, looks at all of them
together. `monitor` wires it.
"""
