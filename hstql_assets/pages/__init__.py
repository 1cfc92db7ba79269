"""HTML pages, Bokeh panels and Matplotlib figures: the renderers that all domains use.

`figures` draws a chart as a picture, by Matplotlib; `chart_panels` makes something to zoom in on
of it, by Bokeh. `ranges`, `labels` and `colours` are what both share; `thinning` and
`reduction` keep large charts light.
"""
