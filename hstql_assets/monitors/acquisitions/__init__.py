"""Target acquisitions of COS: how far the telescope slewed, and what that says of its pointing."""
