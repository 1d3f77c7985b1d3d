"""The default profile is quick. The deep one takes hours:

./tollbook test tests/fuzz --hypothesis-profile=deep
"""

from hypothesis import settings

settings.register_profile("deep", max_examples=20_000, derandomize=False, print_blob=True)
