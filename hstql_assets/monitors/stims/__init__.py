"""Follow the stim pulses of the COS/FUV detector: two electronic pulses a segment.

`boxes` says where to look, `windows` in which stretches of time, `positions` finds a stim among
events, and `reading` brings the events. `measuring` makes rows of it. `history`, `drawing` and
`judging` look at all rows together, and `trend` makes a report of them. `monitor` wires it.
"""
