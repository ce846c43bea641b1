from django.urls import path

from exchange.intake import views as intakes
from exchange.notifications.views import Notifications, OpenNotification, Preferences, ReadAll
from exchange.oversight import views as oversight
from exchange.tokens.views import RevokeToken, TokensPage
from exchange.webhooks import views as webhooks

urlpatterns = [
    path("tokens/", TokensPage.as_view(), name="tokens"),
    path("tokens/<str:digest>/revoke/", RevokeToken.as_view(), name="token-revoke"),
    path("<str:code>/programs/", oversight.Programs.as_view(), name="programs"),
    path(
        "<str:code>/programs/<str:digest>/revoke/",
        oversight.RevokeProgram.as_view(),
        name="program-revoke",
    ),
    path(
        "<str:code>/programs/<int:pk>/stop/", oversight.StopProgram.as_view(), name="program-stop"
    ),
    path(
        "<str:code>/programs/<int:pk>/release/",
        oversight.ReleaseProgram.as_view(),
        name="program-release",
    ),
    path("<str:code>/notifications/", Notifications.as_view(), name="notifications"),
    path("<str:code>/notifications/<int:pk>/", OpenNotification.as_view(), name="notification"),
    path("<str:code>/notifications/read/", ReadAll.as_view(), name="notifications-read"),
    path("<str:code>/notifications/choose/", Preferences.as_view(), name="preferences"),
    path("<str:code>/webhooks/", webhooks.Webhooks.as_view(), name="webhooks"),
    path("<str:code>/webhooks/add/", webhooks.AddWebhook.as_view(), name="webhook-add"),
    path("<str:code>/webhooks/<int:pk>/", webhooks.WebhookPage.as_view(), name="webhook"),
    path("<str:code>/webhooks/<int:pk>/edit/", webhooks.EditWebhook.as_view(), name="webhook-edit"),
    path("<str:code>/webhooks/<int:pk>/test/", webhooks.Test.as_view(), name="webhook-test"),
    path("<str:code>/webhooks/<int:pk>/stop/", webhooks.Stop.as_view(), name="webhook-stop"),
    path("<str:code>/webhooks/<int:pk>/start/", webhooks.Start.as_view(), name="webhook-start"),
    path(
        "<str:code>/webhooks/<int:pk>/replay/<int:delivery>/",
        webhooks.Replay.as_view(),
        name="webhook-replay",
    ),
    path("<str:code>/intakes/", intakes.Intakes.as_view(), name="intakes"),
    path("<str:code>/intakes/add/", intakes.BringFile.as_view(), name="intake-add"),
    path("<str:code>/intakes/<int:pk>/", intakes.IntakePage.as_view(), name="intake"),
    path(
        "<str:code>/intakes/<int:pk>/forget/", intakes.ForgetIntake.as_view(), name="intake-forget"
    ),
    path("<str:code>/intakes/files/<int:pk>/", intakes.FilePage.as_view(), name="intake-file"),
    path(
        "<str:code>/intakes/files/<int:pk>/reopen/",
        intakes.ReopenFile.as_view(),
        name="intake-file-reopen",
    ),
    path(
        "<str:code>/intakes/files/<int:pk>/forget/",
        intakes.ForgetFile.as_view(),
        name="intake-file-forget",
    ),
    path(
        "<str:code>/intakes/files/<int:pk>/refused.csv",
        intakes.RefusedRows.as_view(),
        name="intake-file-refused",
    ),
]
