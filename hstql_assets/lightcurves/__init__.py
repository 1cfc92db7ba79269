"""Make the lightcurve of an exposure from its event list.

Read in this order: `settings` (what may be chosen), `events` and `spectrum` (the two inputs),
`quality` (what is refused), `time_bins` (when the exposure was live), `event_weights` (what an
event may count, and the two shapes that an instrument fills), `cos_regions` and `cos_weights`,
`stis_regions` and `stis_weights` (which pixels are source and which background, and what an event
in each is worth), `instruments` (which of the two it is), `preparation` (what there is to extract),
`extraction` (events to sums per bin), `rates` (sums to counts, rates and fluxes, with the
formulas), `joining` (bins of a signal to noise), `barycentric_times`, `lightcurve` (all of it in a
row), `fits_table` and `product` (the file). FITS itself is read by `hstql_resources.fits`, which
knows no instrument, and events of STIS are corrected in `hstql_assets.stis_events`. All of these
are plain Python and numpy and work in a notebook.
"""
