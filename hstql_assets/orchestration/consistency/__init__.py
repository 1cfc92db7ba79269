"""Archive, tables and disk held against each other, and what can be healed of their differences."""
