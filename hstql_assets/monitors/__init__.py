"""Monitors: what the instruments themselves do over the years. One folder for each."""
