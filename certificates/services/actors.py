"""Who acts when nobody does."""

from magda_portal.audit.services import Actor

PORTAL = Actor(name="MAGDA portal")
