"""Simulate exposures that COS looks at itself with: darks, lamps, gain, acquisitions.

Each part is a module with its own exposures, and what is true of them. `epochs` is when they are
taken; the archive has as many of each as there are epochs.
"""
