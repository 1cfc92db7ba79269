"""Hold what the site may show to whom, and write what people write on it; no page belongs here."""
