"""Follow the gain of the COS/FUV detector: its maps week by week, trends, and reference files.

Events pile up in cumulative images, cubes of pulse height, row and column (`fitting.cubes`).
`fitting.peaks` finds the modal gain of every superpixel of 8 x 2 pixels, `gain_map` writes it,
`copy_rows` puts it into the database. Which files make an image is in `read`.
"""
