"""Make spectra of an exposure in equal intervals of time, equal to its x1d when added up.

Read in this order: `settings` (what may be chosen), `cells` (wavelength bins, and what the x1d has
in each), `counting` (events to sums in cells), `spectra` (all of it in a row, with the formulas),
`product` (the file), `picture`, `making` (a worker's task). Which events count, and what for, is
the business of `hstql_assets.lightcurves`.
"""
