"""The admin site: what it never shows, and how it answers forged input. Imports `filters` only."""
