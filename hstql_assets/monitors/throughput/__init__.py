"""Follow the throughput of UVIS, IR and WFC by photometry of standard stars.

`star_place` says where a star should be, `star_finding` where it is, `pixel_areas` how large its
pixels are, `aperture` sums its light, `measure` makes a row of an exposure, `slopes` fits all over
time, `trend` reports. Which exposures, apertures and limits: throughput.toml; which stars:
standard_stars.toml.
"""
