"""Addresses of the guide. They are served from the edition, by address; the names are for links."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.page, name="home"),
    path("guide/all/", views.page, name="whole-guide"),
    path("guide/are-you-ready/<int:number>/", views.page, name="question"),
    path("guide/<slug:slug>/", views.page, name="section"),
    path("help/<slug:slug>/", views.page, name="country"),
    path("search/", views.find, name="search"),
    path("<slug:slug>/", views.page, name="page"),
]

# For machines, and pictures: in no language.
machine_urlpatterns = [
    path("images/<slug:name>.webp", views.page, name="image"),
    path("sitemap.xml", views.page),
    path("robots.txt", views.page),
    path("feed.xml", views.page),
    path(".well-known/security.txt", views.page),
    path("preview/<str:token>/", views.draft, name="draft"),
]
