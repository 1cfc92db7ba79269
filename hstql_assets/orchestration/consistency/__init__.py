"""Hold archive, tables and disk against each other, and repair what can be repaired."""
