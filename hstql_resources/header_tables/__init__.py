"""Make header tables from what is seen: one row per header, a column per keyword.

They have a table for each instrument, detector, file type and extension name, such as
`acs_wfc_flt_sci`. All of them inherit from the table `headers`, so that Postgres itself keeps the
list of them, and `SELECT` and `DELETE` on `headers` reach the rows of all.
"""
