"""Say where data come from and go to: archives, files, database, workers. Knows no asset."""
