"""Gather cumulative images of COS/FUV: which there are, and which exposures are in them."""
