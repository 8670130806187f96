"""Taking a copy along, and bringing in what was written elsewhere."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from .. import (
    accounts,
    crypto,
    done,
    export,
    import_formats,
    imports,
    locked_file,
    places,
    second_factor,
    throttle,
)
from ..crypto import DecryptionError
from ..decorators import on_form, unlocked
from ..file_forms import ExportForm, ImportForm, RecordForm
from ..import_formats import Contents, RefusedError
from ..models import User
from ..vault import Vault
from .account import go_on, prove, zone_of


@on_form
@unlocked
def take(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Hand out everything: locked, or to read. It is made while it is sent, and kept nowhere."""
    form = ExportForm(request.POST or None, has_code=second_factor.is_on(vault))
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. No file was made."))
        if user and user.vault:
            made = datetime.now(zone_of(vault)).replace(microsecond=0)
            if form.cleaned_data["shape"] == "locked":
                return _locked(request, user, user.vault, form.cleaned_data["password"], made)
            pieces = export.archive(user.vault, made, get_language() or "en")
            return _send(request, user, pieces, f"notes-{made:%Y-%m-%d}.zip")
    context = {"form": form, "large": places.size(vault) > 0.8 * import_formats.MOST_BYTES}
    return render(request, "journal/export.html", context, status=422 if form.errors else 200)


def _locked(request: HttpRequest, user: User, vault: Vault, password: str, made: datetime) -> HttpResponse:
    content = export.as_json(places.at(vault, places.everything(vault)), made)
    whole = (vault, bytes(user.keyring.recovery_slot))
    with throttle.hashing():
        pieces = locked_file.lock(content, password, accounts.cost(), whole)
    return _send(request, user, pieces, f"notes-{made:%Y-%m-%d}.locked")


@on_form
@unlocked
def take_record(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Hand out the records of what happened, locked with a passphrase of their own: for an adviser."""
    wanted = places.records(vault)
    sent = request.POST if wanted else None
    form = RecordForm(sent or None, username=request.user.get_username(), has_code=second_factor.is_on(vault))
    if request.method == "POST" and form.is_valid():
        user = prove(request, form, gettext("That is not your password. No file was made."))
        if user and user.vault:
            made = datetime.now(zone_of(vault)).replace(microsecond=0)
            content = export.as_json(places.at(user.vault, wanted), made)
            with throttle.hashing():
                pieces = locked_file.lock(content, form.cleaned_data["passphrase"], accounts.cost())
            return _send(request, user, pieces, f"notes-{made:%Y-%m-%d}-part.locked")
    context = {"form": form, "count": len(wanted)}
    return render(request, "journal/export_record.html", context, status=422 if form.errors else 200)


@require_safe
@unlocked
def opener(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Hand out the program that opens a locked file without this site."""
    file = Path(settings.BASE_DIR) / "tools" / "either_way_open.py"
    response = HttpResponse(file.read_bytes(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="open_locked.py"'
    return response


@on_form
@unlocked
def bring(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Read a file and say what is in it; then add what is new, all of it, or throw it away."""
    if request.method == "POST" and "drop" in request.POST:
        imports.drop(vault)
        return done.go_on(reverse("import"), "thrown-away")
    if request.method == "POST" and "add" in request.POST:
        if imports.add(vault, request.POST["add"]):
            return done.go_on(reverse("journal"), "added")
        return redirect("import")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            imports.wait(vault, _contents(form, vault))
            return redirect("import")
        except RefusedError as problem:
            form.add_error("file", str(problem))
        except WillNotOpenError as problem:
            form.add_error("opens", str(problem))
    context = {"form": form, "plan": None if form.errors else imports.plan(vault)}
    return render(request, "journal/import.html", context, status=422 if form.errors else 200)


class WillNotOpenError(Exception):
    """A locked file did not open. The text says so to the person."""


def _contents(form: ImportForm, vault: Vault) -> Contents:
    file, zone = form.cleaned_data["file"], zone_of(vault)
    data = file.read()
    if locked_file.is_locked(data):
        return import_formats.from_json(_unlocked(data, form.cleaned_data["opens"]))
    return import_formats.read(str(file.name), data, zone, datetime.now(zone).replace(microsecond=0))


def _unlocked(data: bytes, typed: str) -> bytes:
    if not typed:
        raise WillNotOpenError(gettext("This file is locked. Enter its password or its recovery key."))
    try:
        with suppress(crypto.RecoveryKeyTypo, DecryptionError):
            return locked_file.unlock_with_recovery_key(data, crypto.read_recovery_key(typed))
        with throttle.hashing():
            return locked_file.unlock(data, typed)
    except DecryptionError:
        wrong = gettext("That did not open it: it is another password or key, or the file was damaged or cut.")
        raise WillNotOpenError(wrong) from None


def _send(request: HttpRequest, user: User, pieces: Iterable[bytes], name: str) -> HttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return go_on(request, cast(HttpResponse, response), user, "copy")
