"""The overview: its view, its reads, its chart and the table of days."""
