"""A batch of keys, decided by workers and recorded at once: what all domains work with."""
