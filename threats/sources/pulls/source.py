from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.functional import Promise

from threats.sources.pulls.step import Step

if TYPE_CHECKING:
    from threats.models import Pull


@dataclass(frozen=True)
class Source:
    """A dataset that is fetched on a schedule.

    ``code``: what the database calls it. ``about``: for who sets it up. ``steps``: what is new or
    changed since the pull's place; raises Unavailable. ``setting``: the environment variable, or
    setting, that names another server than ``server``. ``asks_for_account``: it gives nothing to
    who has none.
    """

    code: str
    label: str | Promise
    about: str | Promise
    steps: Callable[[Pull, Path], Iterator[Step]]
    setting: str
    server: str
    asks_for_account: bool = False

    @property
    def address(self) -> str:
        """Where it lies, without a slash at the end."""
        named = getattr(settings, self.setting, "") or os.environ.get(self.setting, "")
        return (named or self.server).rstrip("/")
