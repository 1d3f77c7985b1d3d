"""Pulls under random faults while rows change, each reproducible from a seed: `manage.py chaos` and its tests.

The seed decides the space, the faults and which rows change on which request. `trial.run_trial` runs one seed and
reports every violated invariant. With one worker, a seed always runs the same way, except for the clock.
"""
