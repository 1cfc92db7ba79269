"""Make superdarks of WFC3 UVIS and ACS WFC: windows of days between two anneals.

`selection` says which exposures are darks, and when anneals were; `membership` which windows each
is in; `fitness` which of them go together. `frames` reads darks by rows, `rejection` leaves out
cosmic rays, `hot_pixels` finds thresholds, `stability` pixels that vary, `combining` makes the
images of a chip, `reference_file` writes DARK or CTEDARK, `versions` keeps them, and `measure` is
the worker's task.
Orchestration is elsewhere.
"""
