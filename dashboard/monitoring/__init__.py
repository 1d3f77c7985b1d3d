"""Monitoring of Tollbook itself: health checks, metrics and the Sync page. Imports `pages` and lower layers."""
