"""Addresses of the journal. None carries a word of anybody's, and none a name."""

from django.urls import path

from .views import account, doors, writing

urlpatterns = [
    path("join/", doors.join, name="join"),
    path("join/key/", doors.join_key, name="join-key"),
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("unlock/", doors.unlock, name="unlock"),
    path("lock/", doors.lock, name="lock"),
    path("sign-out/", doors.sign_out, name="sign-out"),
    path("recover/", doors.recover, name="recover"),
    path("journal/", writing.home, name="journal"),
    path("journal/<int:number>/", writing.write, name="answer"),
    path("journal/<int:number>/history/", writing.history, name="answer-history"),
    path("journal/<int:number>/history/<int:revision>/", writing.version, name="answer-version"),
    path("journal/<int:number>/history/<int:revision>/delete/", writing.delete, name="answer-version-delete"),
    path("journal/<int:number>/draft/", writing.draft, name="answer-draft"),
    path("journal/<int:number>/draft/delete/", writing.delete_draft, name="answer-draft-delete"),
    path("journal/<int:number>/delete/", writing.delete, name="answer-delete"),
    path("journal/pages/new/", writing.new_page, name="new-page"),
    path("journal/pages/new/draft/", writing.new_draft, name="new-page-draft"),
    path("journal/pages/<uuid:entry>/", writing.write, name="page-entry"),
    path("journal/pages/<uuid:entry>/history/", writing.history, name="page-entry-history"),
    path("journal/pages/<uuid:entry>/history/<int:revision>/", writing.version, name="page-entry-version"),
    path(
        "journal/pages/<uuid:entry>/history/<int:revision>/delete/",
        writing.delete,
        name="page-entry-version-delete",
    ),
    path("journal/pages/<uuid:entry>/draft/", writing.draft, name="page-entry-draft"),
    path("journal/pages/<uuid:entry>/draft/delete/", writing.delete_draft, name="page-entry-draft-delete"),
    path("journal/pages/<uuid:entry>/delete/", writing.delete, name="page-entry-delete"),
    path("account/", account.home, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/key/", account.key, name="new-key"),
    path("account/key/test/", account.try_key, name="try-key"),
    path("account/code/", account.code, name="code"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/idle/", account.idle, name="idle"),
    path("account/delete/", account.delete, name="delete-account"),
    path("account/deleted/", account.deleted, name="deleted"),
]

# Pressed from any page, also by the scripts: one address in every language.
common_urlpatterns = [path("leave/", doors.leave, name="leave")]
