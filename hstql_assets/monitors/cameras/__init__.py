"""Follow the state of the cameras, from the pixels of every exposure.

`amplifiers` cuts an image into what each amplifier read; `overscan`, `flags` and `hot_pixels`
measure pixels; `amplifier_numbers` makes the numbers of an image from them, and `measure` the rows
of an observation. `series`, `limits`, `charts` and `trend` look at the numbers of all DARK and BIAS
exposures over time.
"""
