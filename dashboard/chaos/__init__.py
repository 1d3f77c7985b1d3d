"""Pulls under random faults while the rows change, each told by one number: `manage.py chaos`, and tests/faults.

A seed decides the space, what goes wrong when, and which rows change under which request; `trial.endure` runs it and
names every promise that it broke. With one reader at a time a seed runs the same way each time, but for the clock.
"""
