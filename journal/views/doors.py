"""Getting in and out: joining, signing in, unlocking, locking, leaving, recovering."""

from contextlib import suppress
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.db import Error, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import is_valid_path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import accounts, kept, notices, profile, session, throttle
from ..accounts import WrongRecoveryKeyError
from ..decorators import has_journal, leave_when_idle, on_form, signed_in
from ..entries import StaleVaultError
from ..forms import ConfirmKeyForm, JoinForm, RecoverForm, SignInForm, UnlockForm
from ..kept import Kept
from ..models import User
from ..second_factor import WrongCodeError
from ..vault import Vault

WRONG_CODE = gettext_lazy(
    "Your password is right, and this journal also asks for a code. Type your password again, with a code."
)
OTHERS_WORDS = gettext_lazy(
    "The words that wait on this page were typed in another journal. Open that one to save them."
)


@on_form
def join(request: HttpRequest) -> HttpResponse:
    """Make a journal. The answer to the form is the page with the recovery key: it is shown nowhere else."""
    words = kept.carried(request)
    if has_journal(request):
        return _resume(request, words) if words else redirect(_next(request))
    form = JoinForm(_sent(request))
    if request.method == "POST" and form.is_bound:
        throttle.count(request, "", throttle.JOIN)
    if form.is_valid() and words and words.owner:
        form.add_error(None, OTHERS_WORDS)
    if request.method == "POST" and form.is_valid():
        try:
            user, key = accounts.join(form.cleaned_data["username"], form.cleaned_data["password"])
        except IntegrityError:
            form.add_error("username", gettext("That one is in use. Try adding two digits."))
        else:
            auth.login(request, user)
            return _show_key(request, user, key, heading=gettext("Your recovery key"))
    context = {"form": form, "next": _next(request), "kept": words}
    return render(request, "journal/join.html", context, status=422 if form.errors else 200)


def _show_key(request: HttpRequest, user: User, key: str, *, heading: str) -> HttpResponse:
    """Answer with a new recovery key, and keep the vault open."""
    context = {"form": ConfirmKeyForm(initial={"recovery_key": key}), "key": key, "heading": heading}
    context |= {"next": _next(request), "kept": kept.carried(request)}
    response = render(request, "journal/key.html", context)
    if user.vault:
        session.keep(request, response, user.vault)
    throttle.know(request, response, user)
    if not kept.carried(request):
        leave_when_idle(response, reverse("journal"), settings.JOURNAL_IDLE_SECONDS)
    return response


@on_form
@signed_in
def join_key(request: HttpRequest) -> HttpResponse:
    """Check what was written down against the key that came along, or say that it was shown once."""
    key = request.POST.get("recovery_key", "")
    user = request.user
    if not isinstance(user, User) or not accounts.has_recovery_key(user, key):
        return render(request, "journal/key_gone.html", {"next": _next(request)})
    words = kept.carried(request)
    form = ConfirmKeyForm(request.POST)
    if request.method != "POST" or ("skip" not in request.POST and not form.is_valid()):
        context = {
            "form": form,
            "key": key,
            "heading": gettext("Your recovery key"),
            "next": _next(request),
            "kept": words,
        }
        return render(request, "journal/key.html", context, status=422 if form.errors else 200)
    opened = session.recall(request)
    if opened and "skip" not in request.POST:
        profile.note_key_tested(opened.vault)
    return _resume(request, words) if words else redirect(_next(request))


def _resume(request: HttpRequest, words: Kept) -> HttpResponse:
    """Give words back to the person whose journal is open here, if they are theirs; else back to the door with them."""
    opened = session.recall(request)
    if opened is None or not kept.belong(words.owner, opened.vault):
        raise StaleVaultError
    return kept.resume(request, words)


@on_form
def sign_in(request: HttpRequest) -> HttpResponse:
    """Check a name and a password, which for a journal is opening it."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _authenticate(request, form)
        if user and user.vault:
            auth.login(request, user)
            notices.add(user.keyring, "in", request)
            return _let_in(request, user, user.vault)
    context = {"form": form, "next": _next(request), "kept": kept.carried(request)}
    return render(request, "journal/sign_in.html", context, status=422 if form.errors else 200)


def _authenticate(request: HttpRequest, form: SignInForm) -> User | None:
    """Return the person with a journal whose name, password and code these are; else say in the form what is wrong."""
    try:
        user = auth.authenticate(request, **form.cleaned_data)
    except WrongCodeError:
        form.add_error("code", WRONG_CODE)
        return None
    words = kept.carried(request)
    if not isinstance(user, User):
        form.add_error(None, gettext("That user name and password don’t match."))
    elif user.vault is None:
        form.add_error(None, gettext("This is an editor’s account. It has no journal."))
    elif words and not kept.belong(words.owner, user.vault):
        form.add_error(None, OTHERS_WORDS)
    else:
        return user
    return None


@on_form
@signed_in
def unlock(request: HttpRequest) -> HttpResponse:
    """Open the journal of the person who is signed in again. Nothing here says who that is."""
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = request.user.get_username()
        user = auth.authenticate(request, username=username, password=form.cleaned_data["password"], code=None)
        if isinstance(user, User) and user.vault:
            auth.update_session_auth_hash(request, user)  # its slot may have been made anew just now
            return _let_in(request, user, user.vault, place="#main")
        form.add_error("password", gettext("That didn’t open it. Try again."))
    words = kept.carried(request)
    context = {"form": form, "next": _next(request), "kept": words, "is_open": not words and session.is_open(request)}
    return render(request, "journal/unlock.html", context, status=422 if form.errors else 200)


def _let_in(request: HttpRequest, user: User, vault: Vault, place: str = "") -> HttpResponse:
    """Open the page that was left, at a place on it: a keyboard and a screen reader go on from there."""
    words = kept.carried(request)
    if words and not kept.belong(words.owner, vault):
        raise StaleVaultError  # typed by somebody who was signed in here before: back to the door with them
    response = kept.resume(request, words) if words else redirect(f"{_next(request)}{place}")
    session.keep(request, response, vault)
    throttle.know(request, response, user)
    return response


@csrf_exempt  # as for leaving: a forged call can do no more than lock
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the journal; the person stays known to this browser."""
    there = f"{reverse('unlock')}?{urlencode({'next': _next(request)})}"
    response = redirect(there if has_journal(request) else "home")
    session.forget(request, response)
    response["Clear-Site-Data"] = '"storage"'
    return response


@csrf_exempt  # a forged call can do no more than sign out, and a page that was open for long can do it too
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    response = redirect("home")
    session.forget(request, response)
    auth.logout(request)
    response.delete_cookie(settings.CSRF_COOKIE_NAME)
    response["Clear-Site-Data"] = '"storage"'  # not "cookies": the choice of colors and text stays
    return response


@csrf_exempt  # a forged call can do no more than lock
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """The quick exit. By POST (a beacon of the page that went blank) it locks; by GET it also leads away.

    It clears no storage: there the tab remembers that its pages are to stay covered. It leads away though the
    database is gone: without the browser's half of the key the journal is locked for this browser anyhow.
    """
    response = (
        HttpResponse(status=204) if request.method == "POST" else HttpResponseRedirect(settings.EXIT_URL, status=303)
    )
    with suppress(Error):
        session.forget(request, response)
    return response


@require_safe
def pause(request: HttpRequest) -> HttpResponse:
    """A quiet page for anybody, locked or signed out too: it shows nothing of a journal. It knows the way back."""
    back = _next(request)
    return render(request, "journal/pause.html", {"back": back, "was_writing": kept.is_writing(back)})


@on_form
def recover(request: HttpRequest) -> HttpResponse:
    """Open a journal with its recovery key and give it a new password. A new key is shown, once."""
    form = RecoverForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user, key = accounts.recover(
                request, given["username"], given["recovery_key"], given["new_password"], given["code"]
            )
        except WrongRecoveryKeyError:
            form.add_error("recovery_key", gettext("That user name and recovery key don’t match."))
        except WrongCodeError:
            form.add_error(
                "code", gettext("This journal also asks for a code. Add one, and type the new password again.")
            )
        else:
            auth.login(request, user)
            notices.add(user.keyring, "recovered", request)
            return _show_key(request, user, key, heading=gettext("Your new recovery key"))
    context = {"form": form, "next": _next(request), "kept": kept.carried(request)}
    return render(request, "journal/recover.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form of this page sent, or None for somebody who only arrives, perhaps with words from another door."""
    is_sent = request.method == "POST" or request.POST
    return request.POST if is_sent and "arrive" not in request.POST else None


def _next(request: HttpRequest) -> str:
    """Return where to go on to: an address of the journal or the account that the form or link names.

    It is in the language that is spoken here: nobody falls into another one by a redirect.
    """
    asked = request.POST.get("next") or request.GET.get("next") or ""
    inside = asked.startswith((reverse("journal"), reverse("account")))
    if inside and is_valid_path(asked) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse("journal")
