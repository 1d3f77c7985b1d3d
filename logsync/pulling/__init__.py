"""One attempt to read a day, the newest logs, or single logs by id. Imports the layers below `jobs`."""
