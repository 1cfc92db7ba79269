"""Show the tables of older systems as views, each in a schema of its own, for old queries.

- `hstlc.sql`: the four tables of hstlc. Names, types and meaning are hstlc's. What it had NOT NULL
  is never NULL here: a number that does not apply is 0, a text that the headers lack is empty. A
  `path` is a folder, as it was there, and `filename` the name in it, which ends in `.gz` on disk
  where `files.path` says so.
- `cameras.sql`: the tables of acsql and of the WFC3 Quicklook. `rootname` has nine characters;
  acsql knew the first eight, and `rootname8` stands beside it everywhere. Their header tables are
  shown by `hstql_resources.header_tables`, for they change with every new keyword.
- `cosmo.sql` and `cosmo_headers`: the twelve tables of the first COSMO, with its units:
  `darks.date` is a decimal year, `stims` have -999 where a stim was not seen, `gain` counts
  superpixels. Nothing is rounded. What differs is told in docs/queries.md.

A view is said here and nowhere else: `making` makes or replaces it after migrations were run. So a
view that changes needs a migration, an empty one if nothing else does, and Postgres lets it only
gain columns at its end. The view of ObsCore (`tables.obscore`) is made there, too.
"""
