"""The pages about spend. Imports `pages` and what is below it, never another group of pages."""
