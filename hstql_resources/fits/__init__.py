"""Read FITS as such, for headers and lightcurves alike: what a table means is not known here.

`structure` goes from HDU to HDU, `headers` and `cards` read what stands in them, `stream` goes
through a file from front to back, `tables` takes the rows of a binary table apart.
"""
