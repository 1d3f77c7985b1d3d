"""Command-line arguments, progress on the console, and the commands. Imports anything in `logsync`."""
