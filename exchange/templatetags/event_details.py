"""The details of an event, as people read them."""

from django import template

from exchange.queries.event_details import told_details

register = template.Library()

register.filter(told_details)
