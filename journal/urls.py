"""Addresses of the journal. None carries a word of anybody's, and none a name."""

from django.urls import URLPattern, path

from .views import account, check_ins, doors, files, letters, looking, paper, writing


def of_a_kind(address: str, kind: str, name: str = "") -> list[URLPattern]:
    """The addresses that every entry of a kind has, named after the kind; the guide has a “page” of its own."""
    views = {
        ("", ""): writing.write,
        ("history/", "-history"): looking.history,
        ("history/<int:revision>/", "-version"): looking.version,
        ("history/<int:revision>/delete/", "-version-delete"): writing.delete,
        ("compare/", "-compare"): looking.compare,
        ("draft/", "-draft"): writing.draft,
        ("draft/delete/", "-draft-delete"): writing.delete_draft,
        ("delete/", "-delete"): writing.delete,
    }
    return [
        path(address + rest, view, {"kind": kind}, name=(name or kind) + what) for (rest, what), view in views.items()
    ]


urlpatterns = [
    path("join/", doors.join, name="join"),
    path("join/key/", doors.join_key, name="join-key"),
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("unlock/", doors.unlock, name="unlock"),
    path("lock/", doors.lock, name="lock"),
    path("sign-out/", doors.sign_out, name="sign-out"),
    path("recover/", doors.recover, name="recover"),
    path("journal/", writing.home, name="journal"),
    *of_a_kind("journal/<int:number>/", "answer"),
    path("journal/pages/new/", writing.new, {"kind": "page"}, name="new-page"),
    path("journal/pages/new/draft/", writing.new_draft, {"kind": "page"}, name="new-page-draft"),
    *of_a_kind("journal/pages/<uuid:entry>/", "page", name="page-entry"),
    path("journal/letters/new/", writing.new, {"kind": "letter"}, name="new-letter"),
    path("journal/letters/new/draft/", writing.new_draft, {"kind": "letter"}, name="new-letter-draft"),
    path("journal/letters/<uuid:entry>/open/", letters.end_wait, name="letter-open"),
    *of_a_kind("journal/letters/<uuid:entry>/", "letter"),
    path("journal/check-in/", check_ins.this_week, name="this-week"),
    *of_a_kind("journal/check-in/<slug:week>/", "check-in"),
    path("journal/check-ins/", check_ins.every_week, name="check-ins"),
    path("journal/timeline/", looking.timeline, name="timeline"),
    path("journal/calendar/", looking.this_month, name="this-month"),
    path("journal/<int:year>/<int:month>/", looking.month, name="month"),
    path("journal/search/", looking.find, name="search-journal"),
    path("journal/pause/", doors.pause, name="pause"),
    path("journal/limits/page/", paper.paper, {"kind": "limits"}, name="limits-paper"),
    path("journal/summary/page/", paper.paper, {"kind": "summary"}, name="summary-paper"),
    *of_a_kind("journal/limits/", "limits"),
    *of_a_kind("journal/summary/", "summary"),
    path("journal/export/", files.take, name="export"),
    path("journal/export/record/", files.take_record, name="export-record"),
    path("journal/export/open/", files.opener, name="export-opener"),
    path("journal/import/", files.bring, name="import"),
    path("account/", account.home, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/key/", account.key, name="new-key"),
    path("account/key/test/", account.try_key, name="try-key"),
    path("account/code/", account.code, name="code"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/delete/", account.delete, name="delete-account"),
    path("account/deleted/", account.deleted, name="deleted"),
]

# Pressed from any page, also by the scripts: one address in every language.
common_urlpatterns = [path("leave/", doors.leave, name="leave")]
