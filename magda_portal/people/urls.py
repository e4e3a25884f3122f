"""The addresses of logging in, members and the history.

Of django-allauth's pages only those in use are routed, one by one: what stands before the login
is what a stranger can attack.
"""

from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from magda_portal.people.views import (
    events,
    lockouts,
    members,
    notifications,
    profile,
    refusals,
    session,
)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", refusals.sign_up_closed, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("session/", session.session_stay, name="session_stay"),
    path("profile/", profile.profile, name="profile"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("members/", members.members, name="members"),
    path("members/locked/", lockouts.locked_people, name="locked_people"),
    path("members/<int:pk>/unlock/", lockouts.person_unlock, name="person_unlock"),
    path(
        "members/<int:organisation_id>/<int:person_id>/",
        members.member_change,
        name="member_change",
    ),
    path(
        "members/<int:organisation_id>/<int:person_id>/remove/",
        members.member_remove,
        name="member_remove",
    ),
    path(
        "members/<int:organisation_id>/<int:person_id>/invite/",
        members.member_invite,
        name="member_invite",
    ),
    path("events/", events.events, name="events"),
    path("events/export.csv", events.events_csv, name="events_csv"),
]
