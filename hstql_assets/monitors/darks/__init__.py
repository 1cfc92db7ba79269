"""Follow the dark rates of COS: what it counts with the shutter closed, where on the orbit.

Of one exposure: `regions` says which part of a detector is counted, `dark_file` reads a corrtag
file, `measuring` counts it in stretches of 25 s, `orbit_position` says where telescope and Sun
were, and `making` puts rows together. Of all: `reading` asks the database for sums, `series` has
them by region, `limits` judges the latest, and `trend` puts the charts on a page.
"""
