"""Make lightcurves on the spot, beside the catalogue: what may be chosen, the process, the plots.

How events become a lightcurve is the business of `hstql_assets`, which this calls as commands do.
"""
