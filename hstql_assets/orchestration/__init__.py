"""Handle the graph as a whole: its assets, plans, runs and jobs, and what concerns all domains."""
