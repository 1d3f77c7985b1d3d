"""What a client may send in place of any value, percent-encoded: out of range, of the wrong type, broken or huge."""

LONG = "x" * 100_000
REPEATED = 10_000
# One of each kind, for every part of every address.
KINDS = [
    *["-1", "1.5", "1e400", str(2**63), "9" * 5000, LONG],
    *["%00", "a%FF", "%ED%A0%80", "%0D%0Aa:b", "0001-01-01", "%5B" * 2_000],
]
VALUES = [
    *KINDS,
    *["", "%20", "0", "-0", "1e-400", "NaN", "-Infinity", "0x1F", "1_000", "%D9%A1%D9%A2", "0." + "9" * 5000],
    *[str(number) for number in (2**31, -(2**31) - 1, -(2**63) - 1, 2**64)],
    *["0000-00-00", "9999-12-31", "2026-02-30", "10000-01-01", "-0044-03-15", "0001-01-01T00:00:00%2B23:59"],
    *["a%00b", "a%ED%BF%BF", "%", "%zz", "%C0%AF", "%EF%BF%BF", "null", "true", "%5B%5D", "%7B%7D", "none", "%5Cnone"],
    *["%22%22", "%28", "*%5B", "%25s%25(a)s{0}", "%F0%9F%92%A9" * 20_000, "%7B%22a%22:" * 20_000, "9" * len(LONG)],
    *["a," * 50_000, "a%20" * 5_000, "a%20" * 60, "%22" * 20_001, "%5C" * 20_001, "%27" * 201, "../" * 2_000],
]
