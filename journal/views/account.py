"""The account: password, keys, second step, where one is signed in, and deleting it all."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from .. import accounts, done, entries, hours, notices, profile, second_factor, session, throttle
from ..decorators import on_form, unlocked
from ..forms import ChangePasswordForm, ConfirmKeyForm, IdleForm, ProveForm, TryKeyForm, TurnOnCodeForm
from ..models import User
from ..second_factor import WrongCodeError
from ..vault import Vault


@on_form
@unlocked
def home(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show the account; or choose after how many quiet minutes the journal locks, which holds here at once."""
    mine = profile.read(vault)
    form = IdleForm(request.POST or None, initial={"minutes": mine.idle_minutes})
    if request.method == "POST" and form.is_valid():
        response = done.go_on(reverse("account"), "minutes")
        profile.choose_idle_minutes(vault, form.cleaned_data["minutes"])
        session.keep(request, response, vault)
        return response
    context = {
        "form": form,
        "profile": mine,
        "key_tested_at": hours.at(mine.key_tested, zone_of(vault)) if mine.key_tested else None,
        "stored": accounts.stored(vault),
    }
    return render(request, "journal/account.html", context, status=422 if form.errors else 200)


@on_form
@unlocked
def sessions(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show where this person is signed in and what happened at the door; sign out everywhere else."""
    user = _user(request)
    if request.method == "POST":
        session.end_others(request, user)
        return done.go_on(reverse("sessions"), "others")
    zone = zone_of(vault)
    context = {
        "places": session.places(request, user, vault, zone),
        "told": notices.told(vault, zone),
        "zone": zone.key,
        "kept": notices.KEPT,
    }
    return render(request, "journal/sessions.html", context)


@on_form
@unlocked
def password(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Change the password; every other session ends. By default the DEK changes too."""
    form = ChangePasswordForm(
        request.POST or None, username=request.user.get_username(), has_code=second_factor.is_on(vault)
    )
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password now. Nothing was changed."))
        if user and user.vault:
            return _change(request, user, user.vault, form)
    context = {"form": form, "versions": accounts.stored(vault).versions}
    return render(request, "journal/password.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, user: User, vault: Vault, form: ChangePasswordForm) -> HttpResponse:
    new_password = form.cleaned_data["new_password"]
    if form.cleaned_data["lock_out"]:
        response = _show_key(request, accounts.rotate(user, vault, new_password))
    else:
        accounts.change_password(user, vault, new_password)
        response = render(request, "journal/password_changed.html")
    return go_on(request, response, user, "changed")


@on_form
@unlocked
def key(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Make a new recovery key, shown in the answer to this form only."""
    form = ProveForm(request.POST or None, has_code=second_factor.is_on(vault))
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. Your recovery key is still the one you have."))
        if user and user.vault:
            response = _show_key(request, accounts.change_recovery_key(user, user.vault))
            return go_on(request, response, user, "new-key")
    return render(request, "journal/new_key.html", {"form": form}, status=422 if form.errors else 200)


@on_form
@unlocked
def try_key(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Tell whether what somebody wrote down is their recovery key. It stays as it is."""
    form = TryKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if accounts.has_recovery_key(_user(request), request.POST["recovery_key"]):
            profile.note_key_tested(vault)
            return render(request, "journal/key_tested.html")
        form.add_error("recovery_key", gettext("That is a recovery key, but not the one of this journal."))
    return render(request, "journal/try_key.html", {"form": form}, status=422 if form.errors else 200)


@on_form
@unlocked
def code(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Turn the second step on, with a code of the seed in this very form; or off."""
    if second_factor.is_on(vault):
        return _code_off(request)
    seed = second_factor.new_seed()
    form = TurnOnCodeForm(request.POST or None, initial={"seed": seed.hex()})
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. Nothing was changed."), code=None)
        if user and user.vault:
            try:
                given = form.cleaned_data
                codes = second_factor.turn_on(user.vault, given["seed"], given["code"])
                session.end_others(request, user)  # none of them was asked for a code
            except WrongCodeError:
                form.add_error("code", gettext("That code does not fit. Wait for the next one and try again."))
            else:
                return go_on(request, render(request, "journal/backup_codes.html", {"codes": codes}), user, "code-on")
    address = second_factor.address(_seed(form, seed), request.user.get_username())
    context = {"form": form, "qr": second_factor.qr(address), "secret": second_factor.readable(_seed(form, seed))}
    return render(request, "journal/code_on.html", context, status=422 if form.errors else 200)


def _seed(form: TurnOnCodeForm, new: bytes) -> bytes:
    """The seed that the form carries, so that an app that was set up with it goes on working; else a new one."""
    if not form.is_bound:
        return new
    form.is_valid()
    carried: bytes = form.cleaned_data.get("seed", b"")
    return carried or new


def _code_off(request: HttpRequest) -> HttpResponse:
    form = ProveForm(request.POST or None, has_code=True)
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. Nothing was changed."))
        if user and user.vault:
            second_factor.turn_off(user.vault)
            return go_on(request, done.go_on(reverse("account"), "code-off"), user, "code-off")
    return render(request, "journal/code_off.html", {"form": form}, status=422 if form.errors else 200)


@on_form
@unlocked
def delete(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Delete the account and everything written in it, now."""
    form = ProveForm(request.POST or None, has_code=second_factor.is_on(vault))
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. Nothing was deleted."))
        if user:
            accounts.delete(user)
            response = redirect("deleted")
            session.forget(request, response)
            auth.logout(request)
            response["Clear-Site-Data"] = '"cookies", "storage"'
            return response
    return render(request, "journal/delete_account.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "journal/deleted.html")


def prove(request: HttpRequest, form: ProveForm, otherwise: str, **kwargs: Any) -> User | None:
    """Return the signed-in user, vault opened anew, if the form has their password, and code; else say so in it."""
    given = {"code": form.cleaned_data.get("code", ""), **kwargs}
    try:
        user = auth.authenticate(
            request, username=request.user.get_username(), password=form.cleaned_data["password"], **given
        )
    except WrongCodeError:
        form.add_error("code" if "code" in form.fields else None, WRONG_CODE)
        return None
    if isinstance(user, User):
        return user
    form.add_error("password", otherwise)
    return None


WRONG_CODE = gettext_lazy("That code does not fit, or was used before. Wait for the next one, or use a backup code.")


def go_on(request: HttpRequest, response: HttpResponse, user: User, what: str) -> HttpResponse:
    """Keep the journal open after the password was proved and something changed, and note what."""
    notices.add(user.keyring, what, request)
    auth.update_session_auth_hash(request, user)  # its slot may have been made anew just now
    if user.vault:
        session.keep(request, response, user.vault)
    throttle.know(request, response, user)
    return response


def _show_key(request: HttpRequest, key: str) -> HttpResponse:
    context = {
        "form": ConfirmKeyForm(initial={"recovery_key": key}),
        "key": key,
        "heading": gettext("Your new recovery key"),
    }
    return render(request, "journal/key.html", {**context, "next": reverse("account")})


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - `unlocked` lets nobody else in
    return request.user


def zone_of(vault: Vault) -> ZoneInfo:
    """The zone of what was written last: hours are told by the person's own clock."""
    return ZoneInfo(entries.last_zone(vault) or settings.TIME_ZONE)
