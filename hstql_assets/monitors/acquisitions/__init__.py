"""Follow target acquisitions of COS: how far the telescope slewed, and its pointing."""
