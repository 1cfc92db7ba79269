"""Ask the tables what pages show: statements and rows, no request and no HTML."""
