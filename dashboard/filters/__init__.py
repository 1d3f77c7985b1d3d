"""The filter language: query strings to filters, and filters to links and words. Imports no other dashboard package."""
