"""Follow what the instruments themselves do over the years: monitors, one folder for each.

A monitor measures every exposure by itself, as rows in the database, and looks at all of the rows
together. What it says it is, in `monitor.py` of its folder, is a `Monitor` (see `monitor`); the
rest of the folder is arrays and headers in, numbers and charts out. `assets` makes assets and
checks of it, `charts` is what it can draw and `rendering` draws it, and `registry` lists those that
there are.
"""
