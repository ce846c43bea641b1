from __future__ import annotations

import datetime

from records.pages import ContentPage
from strategies.coverage.cells import as_rows
from strategies.reading.overview import overview
from threats.choices import Phase


class Overview(ContentPage):
    is_costly = True
    template_name = "strategies/overview.html"
    section = "overview"

    def get_context_data(self, **kwargs):
        found = overview(self.mission, self.request.user)
        map_since = self.mission.today - datetime.timedelta(days=365)
        return super().get_context_data(
            matrix=as_rows(found["cells"]), phases=Phase, map_since=map_since, **found, **kwargs
        )
