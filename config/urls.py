"""Addresses. The guide comes last: its pages may have any name that nothing else has."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from guide import cheatsheet
from guide.desk import overview, releases
from guide.urls import machine_urlpatterns
from journal.admin import change_password
from journal.urls import common_urlpatterns
from journal.views import styleguide

handler400 = "journal.views.errors.bad_request"
handler500 = "journal.views.errors.server_error"

urlpatterns = [
    path("manage/password_change/", admin.site.admin_view(change_password)),
    path("manage/cheatsheet/", admin.site.admin_view(cheatsheet.page), name="cheatsheet"),
    path("manage/desk/", admin.site.admin_view(overview.desk), name="desk"),
    path("manage/desk/checks/", admin.site.admin_view(overview.checks), name="checks"),
    path("manage/desk/release/", admin.site.admin_view(releases.new), name="release"),
    path("manage/desk/release/<int:pk>/yes/", admin.site.admin_view(releases.approve), name="release-approve"),
    path("manage/desk/release/<int:pk>/call-off/", admin.site.admin_view(releases.call_off), name="release-call-off"),
    path("manage/", admin.site.urls),
    path("styleguide/", styleguide.index, name="styleguide"),
    path("styleguide/<slug:name>/", styleguide.whole_page, name="styleguide-page"),
    path(".well-known/change-password", RedirectView.as_view(pattern_name="password")),
    *machine_urlpatterns,
    *common_urlpatterns,
    *i18n_patterns(
        path("", include("journal.urls")),
        path("", include("guide.urls")),
        prefix_default_language=False,
    ),
]
