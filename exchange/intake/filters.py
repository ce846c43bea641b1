from exchange.models import Intake
from poc_portal.api.filters import BaseFilterSet


class IntakeFilterSet(BaseFilterSet):
    class Meta:
        model = Intake
        fields = ("resource",)
