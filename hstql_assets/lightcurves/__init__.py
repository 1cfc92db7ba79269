"""From the event list of an exposure to its lightcurve.

Read in this order: `settings` (what may be chosen), `events` and `spectrum` (the two inputs),
`quality` (what is refused), `time_bins` (when the exposure was live), `regions` (which pixels are
source and which background), `extraction` (events to sums per bin), `lightcurve` (sums to counts,
rates and fluxes), `columns` and `product` (the file). All of these are plain Python and numpy and
work in a notebook; only `assets` and `checks` know of Dagster.
"""
