"""Work out what earlier exposures leave in each exposure of the infrared detector of WFC3.

`stimuli.toml` says which exposures count and by which model; `settings` reads it. `models` holds
the laws of the decay, `frames` reads an exposure as electrons, `combining` puts those before one
together, `product` writes the file, and `measure` is the worker's task. `membership` says in SQL
which exposures are before which. Orchestration is elsewhere.
"""
