"""Every column about people is sealed, or allowed in clear for a reason. A new one fails until it is listed."""

from django.apps import apps

SEALED = {
    "Keyring.password_slot": "the DEK, wrapped under the password's key",
    "Keyring.recovery_slot": "the DEK, wrapped under the recovery key's key",
    "Keyring.profile": "choices: idle time, second factor, when the recovery key was tested",
    "Draft.head": "as of a revision",
    "Draft.body": "what stood in the box",
    "Notice.sealed": "what happened at the door, with which kind of device, in which hour",
    "UnlockedSession.slot": "the DEK, wrapped under the key in the browser's cookie",
    "Revision.head": "kind, question, title, date, zone, feeling, number of words",
    "Revision.body": "the text",
}
CLEAR = {
    "User.id": "which account a keyring belongs to",
    "User.username": "the name to sign in with; nothing else is known of a person",
    "User.password": "the hash of staff without a journal; unusable for anybody with one",
    "User.is_active": "may sign in",
    "User.is_staff": "may edit",
    "User.is_superuser": "may decide who edits",
    "User.groups": "what staff may edit",
    "User.user_permissions": "what staff may edit",
    "Keyring.id": "16 random bytes",
    "Keyring.user": "whose it is",
    "Keyring.dek_tag": "an HMAC that names the DEK and tells nothing of it",
    "Keyring.notice_key": "the public half of a pair of keys: it seals and opens nothing",
    "Session.session_key": "a hash of a session's key",
    "Session.session_data": "who is signed in, and a seal of the password; the device and hour in it are sealed",
    "Session.expire_date": "when it ends in any case; the row goes then with the sweep, or before",
    "Session.user": "whose it is, so that it goes when it should",
    "Draft.id": "the order of rows",
    "Draft.keyring": "whose it is",
    "Draft.entry": "as of a revision",
    "Draft.base": "the number of the revision it was written over",
    "Notice.id": "the order of rows",
    "Notice.keyring": "whose it is; nobody's for names that nobody has",
    "DeletedVault.id": "a hash of the random id of a vault that is gone",
    "UnlockedSession.idle_seconds": "how long it may be quiet",
    "UnlockedSession.session": "the hash of a session's key",
    "UnlockedSession.keyring": "whose it is",
    "UnlockedSession.idle_at": "when it locks; the row goes at the next request after that, or with the sweep",
    "UnlockedSession.ends_at": "when it locks in any case; likewise",
    "Revision.id": "the order of rows",
    "Revision.keyring": "whose it is",
    "Revision.entry": "random, or an HMAC of the question under a key of this person",
    "Revision.number": "the revision's number",
    "Attempts.key": "an HMAC of a name or a network",
    "Attempts.window": "which quarter of an hour; the row goes soon after",
    "Attempts.count": "how many tries",
}


def columns() -> set[str]:
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("journal").get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
    }


def test_every_column_about_people_is_sealed_or_allowed_in_clear() -> None:
    assert columns() == SEALED.keys() | CLEAR.keys()


def test_nothing_is_listed_as_both() -> None:
    assert SEALED.keys() & CLEAR.keys() == set()


def test_no_version_of_an_entry_is_kept_by_the_history_of_the_guide() -> None:
    tracked = [model.__name__ for model in apps.get_app_config("journal").get_models() if hasattr(model, "history")]
    assert tracked == []
