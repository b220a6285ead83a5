"""Passwords in tests: kept as the site keeps them, but quickly, for what they cost is not what is tested."""

from __future__ import annotations

from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScrypt(ScryptPasswordHasher):
    """The site's hash with the least work: the site's own takes a quarter of a second for every account and sign-in.

    `tests/people` holds that the site itself hashes with all the work that Django asks for.
    """

    work_factor = 2
    parallelism = 1
