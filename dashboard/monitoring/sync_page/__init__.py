"""The Sync page: view, queries and the calendar of days."""
