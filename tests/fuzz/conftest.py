"""The usual profile is quick. The deep one, for hours with nothing better to do:

./tollbook test tests/fuzz --hypothesis-profile=deep
"""

from hypothesis import settings

settings.register_profile("deep", max_examples=20_000, derandomize=False, print_blob=True)
