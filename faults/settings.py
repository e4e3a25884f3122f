"""The portal's own settings, with less patience, for the fault bench and the workers it starts.

Everything else is as in production: real commits, the real broker, prefork workers.
"""

from magda_portal.settings import *  # noqa: F403  # that is what these settings are
from magda_portal.settings import env

# Seconds. Long enough for a busy machine, short enough for a fault that is a silence.
FTPS_CONNECT_TIMEOUT = env.float("FTPS_CONNECT_TIMEOUT", default=5.0)
FTPS_REPLY_TIMEOUT = env.float("FTPS_REPLY_TIMEOUT", default=5.0)
FTPS_STALL_TIMEOUT = env.float("FTPS_STALL_TIMEOUT", default=5.0)

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Without a manifest: the bench looks at what pages say, not at how they look.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
