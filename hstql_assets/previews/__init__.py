"""Draw a picture of every image, spectrum and event list, with its thumbnail.

`kinds` says which files have one, `image_pictures`, `spectrum_pictures` and `event_pictures` draw
what is in a file, `drawing` does all files of an observation.
"""
