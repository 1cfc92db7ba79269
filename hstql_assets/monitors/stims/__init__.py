"""Follow the stim pulses of the COS/FUV detector: two electronic pulses a segment.

`boxes` says where to look, `windows` in which stretches of time, `positions` finds a stim among
events, and `event_file` brings the events. `rows` and `measure` make rows of it. `history`,
`charts` and `limits` look at all of them, `trend` makes a report, and `monitor` wires it.
"""
