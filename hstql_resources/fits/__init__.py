"""Read FITS as such, for headers and lightcurves alike: what a table means is not known here.

`hdus` goes from HDU to HDU, and all others by it: `file_headers` reads headers, with `header` and
`cards`; `structure` checks whole files; `stream` goes through a file from front to back, and
`tables` takes the rows of a binary table apart. `keywords` and `header_values` read single values,
`errors` says why a file cannot be used.
"""
