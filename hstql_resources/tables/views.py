"""The views over the tables, and which tables each of them shows. Migrations make them.

They hold no rows of their own: whoever wants to empty one has to empty a table.
"""

VIEWS = {
    "hstlc.metadata": ("observations", "files", "target_names", "bad_data"),
    "hstlc.outputs": ("lightcurves", "composites", "composite_members"),
    "hstlc.bad_data": ("bad_data",),
    "hstlc.stats": ("statistics",),
}
