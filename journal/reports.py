"""What error reports and logs may say: where something failed, never what somebody wrote or who they are."""

import json
import logging
import traceback
from collections.abc import ItemsView
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

MASK = "…"


class ReporterFilter(SafeExceptionReporterFilter):
    """Masks every POST value, cookie and local variable in error reports, whatever DEBUG says."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {} if request is None else dict.fromkeys(request.POST, MASK)

    def get_cleansed_multivaluedict(self, request: HttpRequest, multivaluedict: Any) -> Any:
        return dict.fromkeys(multivaluedict, MASK)

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        return {} if request is None else dict.fromkeys(request.COOKIES, MASK)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        return dict.fromkeys(tb_frame.f_locals, MASK).items()

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return {name: request.META[name] for name in ("REQUEST_METHOD", "SERVER_PROTOCOL") if name in request.META}


class Reporter(ExceptionReporter):
    """Reports an error without saying who met it and what its message quotes; a developer's DEBUG shows messages."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        data |= {"user_str": MASK, "unicode_hint": "", "request_GET_items": []}
        if self.request is not None:
            data["request_insecure_uri"] = self.request.path
        if not settings.DEBUG:
            data |= {"exception_value": MASK, "exception_notes": ""}
            for frame in data["frames"]:
                if frame["exc_cause"]:
                    frame["exc_cause"] = type(frame["exc_cause"]).__name__
        return data


class JSONFormatter(logging.Formatter):
    """One object a line. It names what it tells, so that nothing else that hangs on a record gets into the log."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line | ({"error": record.exc_text} if record.exc_text else {}), ensure_ascii=False)


class PrivateFilter(logging.Filter):
    """Keeps of an error the kind and the place; its message may quote what somebody typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0]:
            kind, _, place = record.exc_info
            frames = "".join(traceback.format_tb(place))
            record.exc_text = f"{frames}{kind.__module__}.{kind.__qualname__}"
            record.exc_info = None
        record.__dict__.pop("request", None)
        return True
