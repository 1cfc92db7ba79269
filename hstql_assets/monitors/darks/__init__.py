"""Follow the dark rates of COS: what it counts with the shutter closed, where on the orbit.

Of one exposure: `regions` says which part of a detector is counted, `dark_file` reads a corrtag
file, `counts` counts it in stretches of 25 s, `science.orbit_position` says where telescope and Sun
were, and `measure` puts rows together. Of all: `read` asks the database for sums, `series` has
them by region, `limits` judges the latest, and `trend` puts the charts on a page.
"""
