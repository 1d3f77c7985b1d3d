"""Generated calls: volume, callers, rates and lifecycle. Imports `shapes` and `times`; no Django."""
