"""Follow the transfer of charge by the extended pixel edge response of UVIS and WFC.

`deferred_charge` measures what trails behind the last row of a flat, `cti_model` fits its growth
over years and signal, `measure` and `trend` make rows and a page of them; which flats there are
says eper.toml.
"""
