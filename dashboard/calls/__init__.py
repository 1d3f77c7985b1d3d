"""The pages about single calls and sessions. Imports `pages` and what is below it, never another group of pages."""
