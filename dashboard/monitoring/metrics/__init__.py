"""`/metrics` for Prometheus: view, queries and text format."""
