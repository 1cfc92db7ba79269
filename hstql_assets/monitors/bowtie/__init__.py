"""Follow the bowtie of WFC3 UVIS: flats before and after a saturated one, visit by visit.

`selection` says which exposures are flats for it, `membership` which visit each is in, `visits`
which three of a visit go together, `ratios` what two flats say, `product` keeps the map of it, and
`measure` is the worker's task. Orchestration is elsewhere.
"""
