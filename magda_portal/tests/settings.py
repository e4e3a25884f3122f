"""The settings under test, in an environment of their own.

Nothing of a developer's own configuration or data folder reaches the tests, and they leave
nothing behind in the checkout.
"""

from magda_portal.tests import environment

environment.prepare()

from magda_portal.settings import *  # noqa: E402, F403  # the environment has to stand first

# Without a manifest, so that no collectstatic has to run before the tests.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Slow on purpose is for real passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
