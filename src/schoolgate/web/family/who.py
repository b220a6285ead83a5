"""Who is signed in, and which child a page may show."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from schoolgate import rights


def account_id(request: HttpRequest) -> int:
    """Give the signed-in account's number."""
    return int(str(request.user.pk))


def own_child(request: HttpRequest, link_id: int) -> rights.ChildLink:
    """Find the link between this account and a child; 404 for a link that is not theirs or does not exist."""
    try:
        return rights.child(account_id(request), link_id)
    except rights.UnknownLink as unknown:
        raise Http404 from unknown
