"""Find the blobs of WFC3 IR, spots on a mirror that dim the light, and follow them over the years.

`selection` says which exposures show them, `membership` which 30 days each is in, `frames` reads
them, `combining` makes one image of a window, `finding` finds blobs in it, `injection` puts made
ones in to see how many are found, `product` keeps the image, and `measure` is the worker's task.
`following` numbers what was found. Orchestration is elsewhere.
"""
