"""Users behind Django REST framework: a model, a serializer of all its fields, a ModelViewSet, a router."""

import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line

settings.configure(
    SECRET_KEY="for a server that is gone in a minute",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.staticfiles",
        "rest_framework",
    ],
    # As `startproject` has them; without them the pages for browsers end in 500.
    STATIC_URL="static/",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "data/users.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.db import connection, models
from rest_framework import routers, serializers, viewsets


class User(models.Model):
    name = models.CharField(max_length=100)
    email = models.EmailField()

    class Meta:
        app_label = "users"


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"


class UserViewSet(viewsets.ModelViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer


router = routers.DefaultRouter()
router.register("users", UserViewSet)
urlpatterns = router.urls

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(User)
    # Its PUT changes what is there and creates nothing, so there is something.
    User.objects.create(name="Ada", email="ada@example.org")
    execute_from_command_line(["main.py", "runserver", "--noreload", "127.0.0.1:" + sys.argv[1]])
