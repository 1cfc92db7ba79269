"""Shifts of COS spectra by its optics select mechanisms, as the wavelength lamps show them."""
