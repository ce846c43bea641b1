from django.urls import path

from strategies.views import (
    activities,
    briefs,
    components,
    coverage,
    meetings,
    overview,
    planning,
    strategies,
)

urlpatterns = [
    path("<str:code>/", overview.Overview.as_view(), name="mission-detail"),
    path("<str:code>/activities/", activities.ActivityList.as_view(), name="activity-list"),
    path("<str:code>/activities/board/", activities.ActivityBoard.as_view(), name="activity-board"),
    path(
        "<str:code>/activities/timeline/",
        activities.ActivityTimeline.as_view(),
        name="activity-timeline",
    ),
    path("<str:code>/activities/bulk/", activities.ActivityBulk.as_view(), name="activity-bulk"),
    path("<str:code>/activities/plan/", planning.ActivityAdd.as_view(), name="activity-add"),
    path(
        "<str:code>/activities/<int:pk>/", activities.ActivityPage.as_view(), name="activity-detail"
    ),
    path(
        "<str:code>/activities/<int:pk>/edit/",
        activities.ActivityEdit.as_view(),
        name="activity-edit",
    ),
    path("<str:code>/coverage/", coverage.CoveragePage.as_view(), name="coverage"),
    path("<str:code>/coverage/rules/", coverage.RulesPage.as_view(), name="coverage-rules"),
    path("<str:code>/catalogue/", activities.CatalogueList.as_view(), name="catalogue"),
    path(
        "<str:code>/threats/<int:pk>/plan/<slug:entry>/",
        planning.PlanTypical.as_view(),
        name="plan-typical",
    ),
    path(
        "<str:code>/alerts/<int:pk>/answer/",
        planning.AnswerAlert.as_view(),
        name="alert-answer",
    ),
    path(
        "<str:code>/activities/<int:pk>/status/",
        activities.ActivityStatusChange.as_view(),
        name="activity-status",
    ),
    path(
        "<str:code>/components/<int:pk>/",
        components.Workspace.as_view(),
        name="component-detail",
    ),
    path("<str:code>/briefs/", briefs.BriefList.as_view(), name="brief-list"),
    path("<str:code>/briefs/prepare/", briefs.BriefPrepare.as_view(), name="brief-prepare"),
    path("<str:code>/briefs/<int:pk>/", briefs.BriefPage.as_view(), name="brief-detail"),
    path("<str:code>/briefs/<int:pk>/edit/", briefs.BriefEdit.as_view(), name="brief-edit"),
    path("<str:code>/briefs/<int:pk>/issue/", briefs.BriefIssue.as_view(), name="brief-issue"),
    path("<str:code>/briefs/<int:pk>/pdf/", briefs.BriefDownload.as_view(), name="brief-pdf"),
    path("<str:code>/strategies/", strategies.StrategyList.as_view(), name="strategy-list"),
    path("<str:code>/strategies/write/", strategies.StrategyAdd.as_view(), name="strategy-add"),
    path(
        "<str:code>/strategies/<int:pk>/", strategies.StrategyPage.as_view(), name="strategy-detail"
    ),
    path(
        "<str:code>/strategies/<int:pk>/edit/",
        strategies.StrategyEdit.as_view(),
        name="strategy-edit",
    ),
    path(
        "<str:code>/strategies/<int:pk>/decide/",
        strategies.StrategyDecide.as_view(),
        name="strategy-decide",
    ),
    path(
        "<str:code>/strategies/<int:pk>/objective/",
        strategies.ObjectiveAdd.as_view(),
        name="objective-add",
    ),
    path(
        "<str:code>/objectives/<int:pk>/edit/",
        strategies.ObjectiveEdit.as_view(),
        name="objective-edit",
    ),
    path(
        "<str:code>/objectives/<int:pk>/indicator/",
        strategies.IndicatorAdd.as_view(),
        name="indicator-add",
    ),
    path(
        "<str:code>/indicators/<int:pk>/edit/",
        strategies.IndicatorEdit.as_view(),
        name="indicator-edit",
    ),
    path("<str:code>/indicators/<int:pk>/measure/", strategies.Measure.as_view(), name="measure"),
    path("<str:code>/meetings/", meetings.MeetingList.as_view(), name="meeting-list"),
    path("<str:code>/meetings/call/", meetings.MeetingAdd.as_view(), name="meeting-add"),
    path("<str:code>/meetings/<int:pk>/", meetings.MeetingPage.as_view(), name="meeting-detail"),
    path("<str:code>/meetings/<int:pk>/edit/", meetings.MeetingEdit.as_view(), name="meeting-edit"),
    path(
        "<str:code>/meetings/<int:pk>/decision/",
        meetings.DecisionAdd.as_view(),
        name="decision-add",
    ),
    path(
        "<str:code>/decisions/<int:pk>/done/", meetings.DecisionDone.as_view(), name="decision-done"
    ),
    path("<str:code>/components/<int:pk>/handover/", meetings.Handover.as_view(), name="handover"),
]
