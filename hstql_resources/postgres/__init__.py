"""Run Postgres: the embedded server, its account and address; read and write rows."""
