"""The state of the cameras, from the pixels of every exposure.

`amplifiers` cuts an image into what each amplifier read; `robust`, `overscan`, `flags` and
`hot_pixels` measure pixels; `measuring` makes the numbers of an image from them, and `making` the
rows of an observation.
`series` and what follows from it look at the numbers of all DARK and BIAS exposures over time.
"""
