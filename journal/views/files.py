"""Taking a copy along, and bringing in what was written elsewhere."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from .. import accounts, export, locked_file, places, second_factor, throttle
from ..decorators import on_form, unlocked
from ..file_forms import ExportForm, RecordForm
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
    return render(request, "journal/export.html", {"form": form}, status=422 if form.errors else 200)


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
    form = RecordForm(request.POST or None, username=request.user.get_username(), has_code=second_factor.is_on(vault))
    wanted = places.records(vault)
    if request.method == "POST" and wanted and form.is_valid():
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


def _send(request: HttpRequest, user: User, pieces: Iterable[bytes], name: str) -> HttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return go_on(request, response, user, "copy")
