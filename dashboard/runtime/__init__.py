"""The processes that `up`, `demo` and `serve` run on one machine. Imports `queries` and what is below it."""
