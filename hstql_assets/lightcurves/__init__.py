"""From the event list of an exposure to its lightcurve.

Read in this order: `settings` (what may be chosen), `events` and `spectrum` (the two inputs),
`quality` (what is refused), `time_bins` (when the exposure was live), `regions` (which pixels are
source and which background), `extraction` (events to sums per bin), `rates` (sums to counts, rates
and fluxes, with the formulas), `lightcurve` (all of it in a row), `columns` and `product` (the
file). FITS itself is read by `hstql_assets.fits_reading`, which knows nothing of COS. All of these
are plain Python and numpy and work in a notebook.
"""
