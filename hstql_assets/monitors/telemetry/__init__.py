"""Follow temperatures and mechanisms of COS, from the support files of its exposures.

`snapshot` takes what counts from headers, and `measure` makes rows, with where the aperture should
be. `history`, `charts` and `trend` look at all of them together. `monitor` wires it.
"""
