"""Make what no instrument is needed for: sources, orbit, jitter, photons, and FITS bytes."""
