"""Declare, run, judge and show monitors: what all of them share."""
