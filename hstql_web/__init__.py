"""Serve the quicklook site: look, ask, flag. Pages over the tables; nothing imports it."""
