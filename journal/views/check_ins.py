"""All check-ins on one page, and the way to this week's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import check_ins, entries
from ..decorators import unlocked
from ..vault import Vault


@require_safe
@unlocked
def this_week(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Lead to the check-in of the week that it is where the person is."""
    return redirect("check-in", check_ins.this_week(vault))


@require_safe
@unlocked
def every_week(request: HttpRequest, vault: Vault) -> HttpResponse:
    """Show the chart of the last weeks, and a table of all that have a check-in."""
    weeks = check_ins.ids(vault)
    kept = check_ins.among(entries.newest_of(vault, weeks), weeks)
    context = {**check_ins.overview(kept, check_ins.this_week(vault)), "rows": kept}
    return render(request, "journal/check_ins.html", context)
