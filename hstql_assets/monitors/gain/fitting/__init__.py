"""Fit pulse-height distributions, for all superpixels of an image at once."""
