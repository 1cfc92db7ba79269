"""Follow the reference pixels of WFC3 IR: their level in each read, and the zeroth read.

`reference_levels` measures a ramp, `measure` makes rows of it, `trend` looks at all of them over
time; which exposures there are says ir_bias.toml.
"""
