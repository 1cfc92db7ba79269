"""What monitors say, for the eye: charts as pictures and as panels of a page, pages, the index.

`figures` draws a chart as a picture, by Matplotlib; `panels` makes something to zoom in on of it,
by Bokeh. `ranges`, `labels`, `colours` and `dates` are what both share; `thinning` and `reduction`
keep large charts light. `publishing` writes a page with all pictures, `index_page` the list.
"""
