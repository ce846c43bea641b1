"""Where work waits and who does it: a queue and a pool of workers for each nature of work.

An app declares its ``sweeps`` in its ``AppConfig``; a task's queue stands with its sweep. So training
a model or a file of a hundred thousand rows holds up no score, nor does a server that does not
answer.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from django.apps import apps

SHORT = "short"  # a moment: scores near a report, sweeps
LONG = "long"  # minutes: training, judging, whole recomputes, files people bring
OUT = "out"  # what leaves the house and waits for others: webhooks, e-mails, downloads


@dataclass(frozen=True)
class Sweep:
    """A task that finds what a lost message left undone, or what has become due.

    ``seconds``: between two of them. Each expires with the next, so that a stopped worker finds no
    heap of them.
    """

    task: str
    queue: str
    seconds: float


def sweeps() -> list[Sweep]:
    """Those of all apps."""
    return [each for config in apps.get_app_configs() for each in getattr(config, "sweeps", ())]


@dataclass(frozen=True)
class Pool:
    """The workers of one queue. ``size``: of processes, or of threads of one process."""

    queue: str
    kind: str  # of Celery's pools
    size: int

    @property
    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "celery", "-A", "poc_portal", "worker",
            "--queues", self.queue, "--hostname", f"{self.queue}@%h",
            "--pool", self.kind, "--concurrency", str(self.size),
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip


# What waits for others needs no processor: threads, which share one process's memory.
POOLS = (Pool(SHORT, "prefork", 2), Pool(LONG, "prefork", 2), Pool(OUT, "threads", 8))
