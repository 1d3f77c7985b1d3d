"""Speed and memory, as ratios against a floor of the same run, on the same machine and data.

    python -m benchmarks pull      200,000 rows from HTTP to totals, on each database, against bare writes of these rows
    python -m benchmarks history   a year's first history with 300 ms per request, eight workers against one
    python -m benchmarks pages     overview and logs over a million rows, against the same pages of an empty database

Each starts what it needs in a private folder and ends it. `--rows` makes a smaller run.
"""
