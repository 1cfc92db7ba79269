"""Find snowballs in ramps of WFC3 IR: large round events among the hits of cosmic rays.

`events` finds events in the differences of reads, `injection` puts made ones in to see how many are
found, `measure` makes rows of an exposure, `trend` looks at the rate of all; which ramps are
searched, and what makes an event a snowball, says snowballs.toml.
"""
