"""Make bad pixel tables of the cameras: reference files BPIXTAB with a row for each run of pixels.

`runs` turns the flags of a chip into rows and back, `reference_file` writes the table,
`comparison` holds it against the version before, and `measure` is the worker's task. What is hot,
warm, unstable or dead is told by `superdarks`.
"""
