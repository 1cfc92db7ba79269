"""Reading FITS as such, for headers and lightcurves alike: what a table means is not known here.

`stream` goes through a file from front to back, `tables` takes the rows of a binary table apart,
and `keywords` gives the values of a header or says what is wrong with them.
"""
