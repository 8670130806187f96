"""The guide's pages. Each is the same bytes for everybody: nothing here looks at who asks."""

from typing import cast

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from . import edition, language, previews, search


@require_safe
def page(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Serve a page of the edition by its address."""
    newest = edition.current()
    found = newest.pages.get(request.path)
    if found is None:
        if request.path not in newest.moved:
            asked = request.resolver_match.url_name if request.resolver_match else ""
            return HttpResponse(newest.missing(language.current(), asked).body, status=404)
        moved = HttpResponsePermanentRedirect(newest.moved[request.path])
        moved["Cache-Control"] = edition.FOR_A_MINUTE  # for good, but an editor may take an address back
        return moved
    response = HttpResponse(found.body, content_type=found.content_type)
    response["ETag"] = found.etag
    response["Cache-Control"] = found.cache
    return cast(HttpResponse, get_conditional_response(request, etag=found.etag, response=response))


@csrf_exempt  # it changes nothing, and a token would need a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Search the guide. The words come by POST, so that they stand in no address and no history."""
    if request.method != "POST":
        return page(request)
    guide = edition.current().guide
    words = request.POST.get("q", "").strip()[:200]
    context = {
        "page": guide.pages.get("search"),
        "path": request.path,
        "guide": guide,
        "words": words,
        "results": search.find(guide, words),
    }
    response = render(request, "guide/search.html", context)
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft on its public page to whoever has its link, as long as the link works."""
    try:
        record = previews.unseal(token)
    except signing.BadSignature:
        raise Http404 from None
    html = previews.render(record, banner="A draft that is not published. Its link works for an hour.")
    if html is None:
        raise Http404
    return HttpResponse(html)  # out of caches and indexes, as everything that doesn't say otherwise
