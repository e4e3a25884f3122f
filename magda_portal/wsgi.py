"""The WSGI entry point that gunicorn serves."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from magda_portal.web.checks import errors_about_secrets
from magda_portal.web.prefix import below

# With this code gunicorn ends too, instead of starting one worker after the other.
WORKER_BOOT_ERROR = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")

application = below(settings.PORTAL_PATH, get_wsgi_application())
# A restored database or a changed ring may meet a start that found nothing to prepare.
if errors := errors_about_secrets():
    sys.stderr.write("".join(f"{error}\n" for error in errors))
    sys.exit(WORKER_BOOT_ERROR)
connections.close_all()
