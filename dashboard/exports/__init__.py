"""The data of pages as files and as command output. Imports `queries`, `filters` and `results`."""
