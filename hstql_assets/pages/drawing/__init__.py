"""Draw plots as pictures in some milliseconds, with Pillow: those that each exposure has.

`scales` says where values stand and where ticks are, `coverage` how much of each pixel is covered
by lines, bands, dots and bars, `lettering` writes, `plot` puts axes together, `legend` says what is
what. Charts of monitors, made rarely, are drawn by Matplotlib: see `pages.figures`.
"""
