"""Speed and memory benchmarks: each is a ratio to a baseline measured in the same run, on the same machine and data.

    python -m benchmarks pull      200,000 rows from HTTP to totals, against bare writes of the same rows
    python -m benchmarks history   a year's first history with 300 ms per request: eight workers against one reader
    python -m benchmarks pages     overview and logs over a million rows, against the same pages of an empty database
    python -m benchmarks verify    a year of totals against a million logs, against one bare SUM over them

Each starts what it needs in a private folder and stops it afterwards. `--rows N` makes a smaller run.
"""
