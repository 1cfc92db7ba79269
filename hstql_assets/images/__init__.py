"""Read images as such, for pictures and statistics alike.

`reading` brings the science extensions of a file into memory, `detectors` knows the geometry of the
detectors, and `layout` says which pixels of an image see light and which are overscan. What is made
of an image is not known here.
"""
