"""Follow temperatures and mechanisms of COS, from the support files of its exposures.

`snapshot` takes what counts from headers, `apertures` knows where the aperture should be, and
`measuring` makes rows. `history`, `drawing` and `trend` look at all of them together. `monitor`
wires it.
"""
