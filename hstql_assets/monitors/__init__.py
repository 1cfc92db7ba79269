"""Follow what the instruments themselves do over the years: monitors, one folder for each.

A monitor measures every exposure by itself, as rows in the database, and looks at all of the rows
together. What it says it is, in `monitor.py` of its folder, is a `Monitor`; the rest of the folder
is arrays and headers in, numbers and charts out. In `framework`, `assets` makes assets and checks
of it, `page` writes its page, and `registry` lists those that there are.
"""
