"""The account: password, recovery key, and deleting it all."""

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import accounts, session
from ..decorators import on_form, unlocked
from ..forms import ChangePasswordForm, ConfirmKeyForm, UnlockForm
from ..models import User
from ..vault import Vault


@require_safe
@unlocked
def home(request: HttpRequest, vault: Vault) -> HttpResponse:
    return render(request, "journal/account.html")


@on_form
@unlocked
def password(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Change the password; every other session ends. By default the DEK changes too."""
    form = ChangePasswordForm(request.POST or None, username=request.user.get_username())
    if request.method == "POST" and form.is_valid():
        user = _prove(request, form.cleaned_data["password"])
        if user and user.vault:
            return _change(request, user, user.vault, form)
        form.add_error("password", "That is not your password now. Nothing was changed.")
    return render(request, "journal/password.html", {"form": form}, status=422 if form.errors else 200)


def _change(request: HttpRequest, user: User, vault: Vault, form: ChangePasswordForm) -> HttpResponse:
    new_password = form.cleaned_data["new_password"]
    if form.cleaned_data["lock_out"]:
        key = accounts.rotate(user, vault, new_password)
        vault = user.vault or vault
        response = _show_key(request, key)
    else:
        accounts.change_password(user, vault, new_password)
        response = render(request, "journal/password_changed.html")
    auth.update_session_auth_hash(request, user)
    session.keep(request, response, vault)
    return response


@on_form
@unlocked
def key(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Make a new recovery key, shown in the answer to this form only."""
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _prove(request, form.cleaned_data["password"])
        if user and user.vault:
            auth.update_session_auth_hash(request, user)
            response = _show_key(request, accounts.change_recovery_key(user, user.vault))
            session.keep(request, response, user.vault)
            return response
        form.add_error("password", "That is not your password. Your recovery key is still the one you have.")
    return render(request, "journal/new_key.html", {"form": form}, status=422 if form.errors else 200)


@on_form
@unlocked
def delete(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Delete the account and everything written in it, now."""
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _prove(request, form.cleaned_data["password"])
        if user:
            accounts.delete(user)
            response = redirect("deleted")
            session.forget(request, response)
            auth.logout(request)
            response["Clear-Site-Data"] = '"cookies", "storage"'
            return response
        form.add_error("password", "That is not your password. Nothing was deleted.")
    return render(request, "journal/delete_account.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "journal/deleted.html")


def _prove(request: HttpRequest, password: str) -> User | None:
    """Return the signed-in user, vault opened anew, if this is their password."""
    user = auth.authenticate(request, username=request.user.get_username(), password=password)
    return user if isinstance(user, User) else None


def _show_key(request: HttpRequest, key: str) -> HttpResponse:
    context = {
        "form": ConfirmKeyForm(initial={"recovery_key": key}),
        "key": key,
        "heading": "Your new recovery key",
    }
    return render(request, "journal/key.html", {**context, "next": "/account/"})
