"""How long is waited for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """The queue's times and numbers.

    Attributes:
        poll: how long an idle worker waits before it looks again.
        beat: how often a worker says that it lives.
        lease: silence after which a worker is taken for dead. Longer than any pause of a process or difference of
            two machines' clocks; too short does no harm but work done twice.
        first_wait: before the second try; it doubles with each further one.
        longest_wait: where the doubling ends; also how long the log may stay unpublished when what kept it is over.
        tries: after so many a task waits for a person: a night's outage is not one person's work.
        kept: how long a finished task stays to be counted.
    """

    poll: timedelta = timedelta(seconds=1)
    beat: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(seconds=60)
    first_wait: timedelta = timedelta(seconds=5)
    longest_wait: timedelta = timedelta(minutes=10)
    tries: int = 50
    kept: timedelta = timedelta(days=7)

    def wait(self, tries: int) -> timedelta:
        """How long to wait after so many failed tries."""
        if tries < 1:
            return timedelta()
        doubled: int = 2 ** min(tries - 1, 20)
        return min(self.first_wait * doubled, self.longest_wait)


PACE = Pace()
"""What an installation uses."""
