from django.urls import path

from threats.presence import views as presence
from threats.views import (
    actors,
    alerts,
    attribution,
    communities,
    crosswalks,
    incidents,
    pulls,
    quality,
    threats,
)

urlpatterns = [
    path("about/kinds/", crosswalks.Crosswalks.as_view(), name="crosswalks"),
    path("<str:code>/presence/", presence.Presence.as_view(), name="presence"),
    path("<str:code>/presence/add/", presence.PostAdd.as_view(), name="base-add"),
    path("<str:code>/presence/<int:pk>/", presence.PostEdit.as_view(), name="base-edit"),
    path("<str:code>/alerts/", alerts.AlertList.as_view(), name="alert-list"),
    path("<str:code>/alerts/report/", alerts.AlertReport.as_view(), name="alert-report"),
    path("<str:code>/alerts/<int:pk>/", alerts.AlertPage.as_view(), name="alert-detail"),
    path("<str:code>/alerts/<int:pk>/edit/", alerts.AlertEdit.as_view(), name="alert-edit"),
    path("<str:code>/alerts/<int:pk>/step/", alerts.AlertTakeStep.as_view(), name="alert-step"),
    path(
        "<str:code>/alerts/<int:pk>/correct/",
        alerts.AlertCorrectStep.as_view(),
        name="alert-correct-step",
    ),
    path("<str:code>/risk/quality/", quality.ScoreQuality.as_view(), name="score-quality"),
    path("<str:code>/communities/", communities.CommunityList.as_view(), name="community-list"),
    path(
        "<str:code>/communities/<int:pk>/",
        communities.CommunityPage.as_view(),
        name="community-detail",
    ),
    path("<str:code>/communities/add/", communities.CommunityAdd.as_view(), name="community-add"),
    path(
        "<str:code>/communities/<int:pk>/edit/",
        communities.CommunityEdit.as_view(),
        name="community-edit",
    ),
    path(
        "<str:code>/communities/<int:pk>/merge/",
        communities.CommunityMerge.as_view(),
        name="community-merge",
    ),
    path(
        "<str:code>/communities/<int:pk>/withdraw/",
        communities.CommunityWithdraw.as_view(),
        name="community-withdraw",
    ),
    path("<str:code>/actors/", actors.ActorList.as_view(), name="actor-list"),
    path("<str:code>/actors/add/", actors.ActorAdd.as_view(), name="actor-add"),
    path("<str:code>/actors/peoples/", actors.Peoples.as_view(), name="peoples"),
    path("<str:code>/actors/<int:pk>/", actors.ActorPage.as_view(), name="actor-detail"),
    path("<str:code>/actors/<int:pk>/edit/", actors.ActorEdit.as_view(), name="actor-edit"),
    path("<str:code>/incidents/", incidents.IncidentList.as_view(), name="incident-list"),
    path(
        "<str:code>/incidents/report/", incidents.IncidentReport.as_view(), name="incident-report"
    ),
    path("<str:code>/incidents/pairs/", incidents.LikelyPairs.as_view(), name="incident-pairs"),
    path(
        "<str:code>/incidents/pairs/decide/",
        incidents.PairDecision.as_view(),
        name="incident-pair-decide",
    ),
    path(
        "<str:code>/incidents/<int:pk>/", incidents.IncidentPage.as_view(), name="incident-detail"
    ),
    path(
        "<str:code>/incidents/<int:pk>/edit/",
        incidents.IncidentEdit.as_view(),
        name="incident-edit",
    ),
    path(
        "<str:code>/incidents/<int:pk>/verify/",
        incidents.IncidentVerify.as_view(),
        name="incident-verify",
    ),
    path(
        "<str:code>/incidents/<int:pk>/withdraw/",
        incidents.IncidentWithdraw.as_view(),
        name="incident-withdraw",
    ),
    path("<str:code>/suggest/<str:what>/", incidents.Suggestions.as_view(), name="suggest"),
    path("<str:code>/threats/", threats.ThreatList.as_view(), name="threat-list"),
    path("<str:code>/threats/report/", threats.ThreatReport.as_view(), name="threat-report"),
    path("<str:code>/threats/<int:pk>/", threats.ThreatPage.as_view(), name="threat-detail"),
    path("<str:code>/threats/<int:pk>/edit/", threats.ThreatEdit.as_view(), name="threat-edit"),
    path(
        "<str:code>/threats/<int:pk>/assess/", threats.ThreatAssess.as_view(), name="threat-assess"
    ),
    path(
        "<str:code>/threats/<int:pk>/accept/", threats.ThreatAccept.as_view(), name="threat-accept"
    ),
    path(
        "<str:code>/threats/<int:pk>/decide/",
        threats.ThreatDecide.as_view(),
        name="threat-decide",
    ),
    path(
        "<str:code>/attribution/<str:what>/<int:pk>/",
        attribution.SetStandard.as_view(),
        name="set-standard",
    ),
    path("<str:code>/pulls/", pulls.Pulls.as_view(), name="pulls"),
    path("<str:code>/pulls/add/<str:source>/", pulls.SetUpPull.as_view(), name="pull-add"),
    path("<str:code>/pulls/<int:pk>/", pulls.PullPage.as_view(), name="pull"),
    path("<str:code>/pulls/<int:pk>/edit/", pulls.EditPull.as_view(), name="pull-edit"),
    path("<str:code>/pulls/<int:pk>/run/", pulls.RunPull.as_view(), name="pull-run"),
    path("<str:code>/pulls/<int:pk>/off/", pulls.SwitchOffPull.as_view(), name="pull-off"),
]
