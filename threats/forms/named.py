"""Fields that name places and actors on record the way people write them."""

from __future__ import annotations

from django import forms
from django.db.models import Count
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from threats.choices import ActorKind
from threats.lookup import named, similar
from threats.models import ArmedActor, Community


class PlaceByName(forms.Form):
    """A point given by map click, by coordinates, or by the name of a community."""

    place_name = forms.CharField(
        label=_("Place"),
        max_length=250,
        required=False,
        help_text=_("The name of a community places the report there; or click the map."),
        widget=forms.TextInput(attrs={"data-suggest": "places", "autocomplete": "off"}),
    )
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=-180, max_value=180
    )

    def clean_place(self, *, required: bool = True) -> None:
        data = self.cleaned_data
        latitude, longitude = data.get("latitude"), data.get("longitude")
        if "latitude" in self.errors or "longitude" in self.errors:
            return
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            self.add_error(missing, gettext("Give both latitude and longitude, or neither."))
        elif latitude is None and data.get("place_name"):
            self._place_by_name(data["place_name"], required)
        elif latitude is None and required:
            self.add_error(
                "place_name", gettext("Name a community, click the map, or give coordinates.")
            )

    def _place_by_name(self, name: str, required: bool) -> None:
        found = list(named(Community, self.mission, self.user, name)[:6])  # type: ignore[attr-defined]
        if len(found) == 1:
            self.cleaned_data |= {"latitude": found[0].latitude, "longitude": found[0].longitude}
        elif found:
            places = "; ".join(
                f"{place} ({place.latitude:.3f}, {place.longitude:.3f})" for place in found
            )
            self.add_error(
                "place_name",
                gettext(
                    "Several places are called “%(name)s”: %(places)s. Click the map on the right one."
                )
                % {"name": name, "places": places},
            )
        elif required:
            near = similar(Community, self.mission, self.user, name, 5)  # type: ignore[attr-defined]
            names = ", ".join(str(place) for place in near)
            self.add_error(
                "place_name",
                (gettext("No community is called “%(name)s”. Did you mean %(names)s? Or click the map.")
                 if names else gettext("No community is called “%(name)s”. Click the map, or give coordinates."))
                % {"name": name, "names": names},
            )  # fmt: skip


class ActorByName(forms.Form):
    """An armed actor by name; a new name is added only when that was asked for."""

    perpetrator = forms.CharField(
        label=_("Armed actor"),
        max_length=200,
        required=False,
        help_text=_("Who did it, as far as is known. Leave empty where unknown."),
        widget=forms.TextInput(attrs={"data-suggest": "actors", "autocomplete": "off"}),
    )
    new_actor = forms.BooleanField(
        label=_("Add the actor if it is not on record yet"), required=False
    )

    def clean_actor(self, field: str) -> None:
        name = self.cleaned_data.get(field)
        if name:
            self.cleaned_data[f"{field}_record"] = self._on_record(field, name)

    def clean_actors(self, field: str) -> None:
        """Names in a list, each to the actor on record or to the values of a new one."""
        names = self.cleaned_data.get(field) or []
        found = [(name, self._on_record(field, name)) for name in names]
        self.cleaned_data[field] = [actor or _new(name) for name, actor in found]

    def _on_record(self, field: str, name: str) -> ArmedActor | None:
        found = list(named(ArmedActor, self.mission, self.user, name)[:2])  # type: ignore[attr-defined]
        if found:
            return found[0]
        if not self.cleaned_data.get("new_actor"):
            near = similar(ArmedActor, self.mission, self.user, name, 5)  # type: ignore[attr-defined]
            names = ", ".join(str(actor) for actor in near)
            self.add_error(
                field,
                (gettext("No armed actor is called “%(name)s”. Did you mean %(names)s? Or tick “Add the actor”.")
                 if names else gettext("No armed actor is called “%(name)s”. Tick “Add the actor” to add it."))
                % {"name": name, "names": names},
            )  # fmt: skip
        return None

    def actor(self, field: str = "perpetrator"):
        """The actor on record, or the values of a new one, or None."""
        name = self.cleaned_data.get(field)
        if not name:
            return None
        return self.cleaned_data.get(f"{field}_record") or _new(name)


def _new(name: str) -> dict:
    return {"name": name, "kind": ActorKind.UNKNOWN}


class Lines(forms.CharField):
    """A list of short texts, one a line. ``each``: the most letters of one."""

    def __init__(self, *, each: int, **kwargs):
        self.each = each
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        kwargs.setdefault("help_text", _("One a line."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value) -> list[str]:
        lines = list(dict.fromkeys(filter(None, map(str.strip, super().clean(value).splitlines()))))
        for line in lines:
            if len(line) > self.each:
                raise forms.ValidationError(
                    gettext("“%(line)s…” is longer than %(most)d letters.")
                    % {"line": line[:30], "most": self.each}
                )
        return lines


class CommunityNames(forms.CharField):
    """Communities by name, one a line: a list of thousands fits no menu.

    Where several share a name a line ends in ``#`` and the number of the one that is meant.
    ``reader``: mission and user that what is filled in is written for.
    """

    reader: tuple | None = None

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "data-lines": "places"}))
        kwargs.setdefault("help_text", _("One name a line."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        shared = self._shared([community.sort_name for community in value])
        return "\n".join(
            f"{community.name} #{community.pk}" if community.sort_name in shared else community.name
            for community in value
        )

    def _shared(self, names: list[str]) -> set[str]:
        """Which names several places have that the reader may see."""
        if self.reader is None or not names:
            return {name for name in names if names.count(name) > 1}
        mission, user = self.reader
        found = Community.objects.visible_to(user).filter(mission=mission, sort_name__in=names)
        counted = found.order_by().values("sort_name").annotate(n=Count("pk")).filter(n__gt=1)
        return set(counted.values_list("sort_name", flat=True))

    def find(self, text: str, mission, user) -> list[Community]:
        """The communities named; raises ValidationError for each line that names none or many."""
        found, problems = [], []
        for line in filter(None, map(str.strip, text.splitlines())):
            name, mark, number = line.rpartition("#")
            candidates = named(
                Community, mission, user, name if mark and number.isdigit() else line
            )
            if mark and number.isdigit():
                candidates = candidates.filter(pk=number)
            matches = list(candidates[:6])
            if len(matches) == 1:
                found.append(matches[0])
            elif matches:
                choices = "; ".join(
                    f"{match.name} #{match.pk} ({match.admin_area})" for match in matches
                )
                problems.append(
                    gettext("Several places are called “%(name)s”; write one of: %(choices)s.")
                    % {"name": line, "choices": choices}
                )
            else:
                near = ", ".join(str(place) for place in similar(Community, mission, user, line, 4))
                problems.append(
                    (gettext("No community is called “%(name)s”. Did you mean %(names)s?")
                     if near else gettext("No community is called “%(name)s”."))
                    % {"name": line, "names": near}
                )  # fmt: skip
        if problems:
            raise forms.ValidationError(problems)
        return found


class WithCommunities(forms.Form):
    communities = CommunityNames(label=_("Communities"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["communities"].reader = (self.mission, self.user)  # type: ignore[attr-defined]

    def clean_communities(self) -> list[Community]:
        field = self.fields["communities"]
        return field.find(self.cleaned_data["communities"], self.mission, self.user)  # type: ignore[attr-defined]
