"""Say what is made from Hubble data: one folder per domain, each with its assets and pure modules."""
