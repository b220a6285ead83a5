"""Ways to sign in besides the password: passkeys, and a provider outside; and signing out everywhere.

A passkey is a public key and lets nobody in by itself. Of a provider's answer the issuer and its own number for the
person are kept, never a name or a date of birth. Nobody is matched by e-mail address: whoever controls a provider's
idea of an address would otherwise be let into the account that has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.people.accounts import account_view, no_address
from schoolgate.people.models import Account, OutsideSignIn, Passkey
from schoolgate.people.views import AccountView

MOST_PASSKEYS = 10


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """One passkey of an account.

    Attributes:
        credential: its id, base64url.
        public_key: COSE key.
        sign_count: how often its device says it was used; 0 where the device does not count.
    """

    id: int
    account_id: int
    credential: str = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    added_at: datetime
    used_at: datetime | None


def _passkey(row: Passkey) -> PasskeyView:
    return PasskeyView(
        id=int(row.pk),
        account_id=int(row.account_id),
        credential=row.credential,
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        added_at=row.added_at,
        used_at=row.used_at,
    )


def passkeys(account_id: int) -> tuple[PasskeyView, ...]:
    """An account's passkeys, in the order in which they were added."""
    return tuple(_passkey(row) for row in Passkey.objects.filter(account_id=account_id).order_by("pk"))


def find_passkey(credential: str) -> PasskeyView | None:
    """The passkey of a credential's id, of an account in use; None when there is none."""
    row = Passkey.objects.filter(credential=credential, account__is_active=True).first()
    return None if row is None else _passkey(row)


def add_passkey(account_id: int, credential: str, public_key: bytes, sign_count: int, *, clock: Clock) -> PasskeyView:
    """Keep a passkey.

    Raises:
        SchoolgateError: it is kept already, or the account has enough.
    """
    if Passkey.objects.filter(account_id=account_id).count() >= MOST_PASSKEYS:
        raise SchoolgateError("There are ten passkeys.", hint="Remove one first.", code="passkeys-enough")
    try:
        with transaction.atomic():
            row = Passkey.objects.create(
                account_id=account_id,
                credential=credential,
                public_key=public_key,
                sign_count=sign_count,
                added_at=clock.now(),
            )
    except IntegrityError:
        raise SchoolgateError("This passkey is kept already.", code="passkey-known") from None
    return _passkey(row)


def used_passkey(passkey: PasskeyView, sign_count: int, *, clock: Clock) -> bool:
    """Note that a passkey was used; False when somebody else used it meanwhile, so that an answer counts once."""
    rows = Passkey.objects.filter(pk=passkey.id, sign_count=passkey.sign_count, used_at=passkey.used_at)
    return bool(rows.update(sign_count=sign_count, used_at=clock.now()))


def _last_way_stays(account_id: int) -> None:
    """Undo what took the last way in away: nobody could open the account again, and what it holds would be lost.

    Raises:
        SchoolgateError: there is none left.
    """
    account = Account.objects.get(pk=account_id)
    if account.has_usable_password() or account.passkeys.exists() or account.outside.exists():
        return
    raise SchoolgateError(
        "This is your only way to sign in.", hint="Add another one first, then remove this one.", code="last-way-in"
    )


def remove_passkey(account_id: int, passkey_id: int) -> bool:
    """Remove one of an account's own; whether there was one.

    Raises:
        SchoolgateError: it is the last way in.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account_id)
        gone, _ = Passkey.objects.filter(account_id=account_id, pk=passkey_id).delete()
        _last_way_stays(account_id)
    return bool(gone)


def remove_outside(account_id: int) -> bool:
    """Let an account be signed in to through no provider any more; whether it could.

    Raises:
        SchoolgateError: it is the last way in.
    """
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account_id)
        gone, _ = OutsideSignIn.objects.filter(account_id=account_id).delete()
        _last_way_stays(account_id)
    return bool(gone)


def outside_sign_ins(account_id: int) -> tuple[str, ...]:
    """The providers through which an account may be signed in to."""
    rows = OutsideSignIn.objects.filter(account_id=account_id).order_by("pk")
    return tuple(rows.values_list("issuer", flat=True))


def sign_in_outside(
    issuer: str,
    subject: str,
    email: str,
    *,
    name: str,
    clock: Clock,
    account_id: int | None = None,
    may_add: bool = True,
) -> AccountView:
    """The family account of somebody whom a provider signed in; made when there is none.

    Args:
        issuer: the provider.
        subject: its own number for the person.
        email: the address that the provider has made sure of; empty when it gives none. An address that has an account
            here is not used: it joins nobody to anybody.
        name: random, for an account without an address.
        clock: the time.
        account_id: an account that is signed in and adds this way to itself.
        may_add: whether who holds that account's session has just shown who they are. A way in that a stolen session
            could add would outlast the session, and every signing out.

    Raises:
        SchoolgateError: the account is closed, is for work, or the person has another account here already; or a way
            would be added and may not be.
    """
    now = clock.now()
    row = OutsideSignIn.objects.select_related("account").filter(issuer=issuer, subject=subject).first()
    if row is not None:
        if account_id not in (None, row.account_id):
            raise SchoolgateError("This sign-in belongs to another account here.", code="outside-taken")
        if not row.account.is_active or row.account.role != "family":
            raise SchoolgateError("This account cannot be used.", code="account-unknown")
        OutsideSignIn.objects.filter(pk=row.pk).update(used_at=now)
        return account_view(row.account)
    if not may_add:
        raise SchoolgateError(
            "Show once more who you are before you add a way to sign in.", hint="Sign in again.", code="not-fresh"
        )
    try:
        with transaction.atomic():
            account = _family(account_id) if account_id is not None else _new(email, name)
            OutsideSignIn.objects.create(account=account, issuer=issuer, subject=subject, added_at=now, used_at=now)
    except IntegrityError:  # the same person in two windows; the database's own words hold an address or a number
        raise SchoolgateError(
            "You signed in twice at the same moment.", hint="Start again.", code="sign-in-twice"
        ) from None
    return account_view(account)


def _family(account_id: int) -> Account:
    row = Account.objects.filter(pk=account_id, is_active=True, role="family").first()
    if row is None:
        raise SchoolgateError("Only a family’s account is signed in to so.", code="account")
    return row


def _new(email: str, name: str) -> Account:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or Account.objects.filter(email=address).exists():
        address = no_address(name)
    return Account.objects.create_user(address, None, role="family")


def sign_out_everywhere(account_id: int) -> None:
    """End every session of an account, on every device."""
    Account.objects.filter(pk=account_id).update(epoch=F("epoch") + 1)
