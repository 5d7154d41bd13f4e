"""Where each address of the example project leads."""

from django.contrib import admin
from django.urls import path

from django_site.notes import views

urlpatterns = [
    path("", views.index),
    path("slow", views.slow),
    path("admin/", admin.site.urls),
]
