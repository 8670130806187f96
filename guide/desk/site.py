"""Django's admin as the editors' desk: it closes when nobody uses it, and gives back what was typed meanwhile."""

import logging
import time
from dataclasses import replace
from functools import wraps
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from . import kept

IDLE_SECONDS = 60 * 60
_SEEN = "desk_seen"  # in the session: when somebody last did something here, in seconds since 1970
_SEEN_EVERY = 60  # seconds: so that looking around does not write
_STATUS = {"too_many_tries": 429, "busy": 503}  # of what the form for signing in may refuse

logger = logging.getLogger("django.request")


class DeskSite(AdminSite):
    site_title = "Either Way"
    site_header = "Either Way: the guide’s desk"
    index_title = "The guide"
    login_template = "admin/guide/sign_in.html"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def at_the_desk(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _end_if_idle(request)
            words = kept.sent(request)
            if words is None:
                return inner(request, *args, **kwargs)
            if not self.has_permission(request):
                return kept.ask_to_sign_in(request, words, (self.login_form or AdminAuthenticationForm)(request))
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied:
                return kept.give_back(request, replace(words, can_be_sent=False), kept.NOT_ALLOWED, 403)
            except DatabaseError as error:
                got_request_exception.send(sender=type(self), request=request)
                logger.error("Internal Server Error: %s", request.path, exc_info=error)
                return kept.give_back(request, words, kept.FAILED, 503)

        return at_the_desk

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Let somebody in. Words that an ended session left in the page come back to whoever does."""
        words = kept.carried(request)
        # Somebody locked out of a journal is not named to whoever stands there.
        context = {"username": "somebody else", "kept": words, "why": kept.SIGN_IN_AGAIN}
        response = super().login(request, {**context, **(extra_context or {})})
        if request.method == "POST" and response.status_code == 302:
            request.session[_SEEN] = int(time.time())
            if words:
                return kept.give_back(request, words, kept.SIGNED_IN)
        elif request.method == "POST":
            form = (cast(TemplateResponse, response).context_data or {})["form"]
            problems = form.errors.as_data().get("__all__", [])
            response.status_code = next((_STATUS[error.code] for error in problems if error.code in _STATUS), 200)
        return response


def _end_if_idle(request: HttpRequest) -> None:
    """Sign out whoever has not used the desk for an hour."""
    if not request.user.is_authenticated:
        return
    now = int(time.time())
    seen = request.session.get(_SEEN, now)
    if now - seen >= IDLE_SECONDS:
        logout(request)
    elif now - seen >= _SEEN_EVERY or _SEEN not in request.session:
        request.session[_SEEN] = now
