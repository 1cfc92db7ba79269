"""Decide a batch of keys by workers, and record it at once: what all domains work with."""
