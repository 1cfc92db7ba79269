"""Write the gain-sag reference file (GSAGTAB): its regions, versions and comparison."""
