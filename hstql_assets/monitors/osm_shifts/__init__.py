"""Follow the shifts of COS spectra by its optics select mechanisms, as lamps show them."""
