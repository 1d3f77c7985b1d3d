"""An app for tests only: it empties the database between them quickly."""
