"""Map the pixels of WFC3 IR whose dark current is unstable, from the darks of a window of months.

`selection` says which exposures are darks, `membership` which window each is in, `anomaly` how long
before a dark the telescope was in the South Atlantic Anomaly, `fitness` which darks go together.
`dark_rates` reads them, `mixture` fits two Gaussians to a pixel, `mapping` makes a map of all,
`map_file` keeps it, and `measure` is the worker's task. Orchestration is elsewhere.
"""
