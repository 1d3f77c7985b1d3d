"""The totals of report days, always rebuilt from the logs. Imports `models` and lower layers."""
