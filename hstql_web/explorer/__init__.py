"""Read images and spectra out of files for those who look at them closely, a part at a time.

`contents` says what is in a file, `pyramid` holds an image in halves of its size, `coding` packs
parts of it for the browser, `drawing` makes pictures for a browser without script, `sky` tells
positions, `flags` names the bits of data quality, `spectra` reads extracted spectra. Who may see a
file was decided before: paths come from tables.
"""
