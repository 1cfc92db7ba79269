"""Say what is made from Hubble data: a folder per domain, each with assets and pure modules."""
