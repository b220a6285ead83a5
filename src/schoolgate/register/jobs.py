"""Publishing what other rooms have written, without their waiting for it."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.register.journal import log_size
from schoolgate.register.publisher import publish as publish_log
from schoolgate.register.publisher import published


@work.job
def publish(*, config: Config, clock: Clock) -> None:
    """Publish the log's new entries."""
    publish_log(clock, config)


def _behind(config: Config) -> bool:
    """Whether the database holds entries that no checkpoint covers: the entries themselves say what is to be done."""
    checkpoint = published(config)
    return (checkpoint.size if checkpoint else 0) != log_size()


work.every(timedelta(seconds=1), publish, _behind)
