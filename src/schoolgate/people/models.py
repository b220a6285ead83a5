"""Accounts: who signs in. Organisations and persons: who asks, decides and signs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> Account:
        """Create an account; the password is stored as a scrypt hash."""
        account = self.model(email=self.normalize_email(email).lower(), **extra)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, known by an e-mail address."""

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=32, default="family")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    urn = models.IntegerField(null=True, help_text="of a school's account: the one school it acts for")
    epoch = models.IntegerField(default=0, help_text="sessions of an earlier one are signed out")

    objects = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: changes with the password, and when somebody signs out everywhere."""
        return salted_hmac(
            "schoolgate.people.sessions", f"{self.password}|{self.epoch}", algorithm="sha256"
        ).hexdigest()


class Passkey(models.Model):
    """One passkey of an account (W3C Web Authentication): a public key, which lets nobody in by itself."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    credential = models.CharField(max_length=1400, unique=True, help_text="the credential's id, base64url")
    public_key = models.BinaryField(help_text="COSE key")
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class OutsideSignIn(models.Model):
    """That an account may be signed in to through a provider outside; no name, no date of birth."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outside")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Who the provider says it is has one account here."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["issuer", "subject"], name="people_outside_once")]


class Organisation(models.Model):
    """An organisation that may ask for data."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=32)
    country = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True, default="")
    funders = models.JSONField(default=list)
    commercial = models.CharField(max_length=16, blank=True, default="")
    business = models.CharField(max_length=500, blank=True, default="")
    register = models.CharField(max_length=32, blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    verified_on = models.DateField(null=True)
    verified_how = models.CharField(max_length=500, blank=True, default="")
    former_names = models.JSONField(default=list)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A number in a register is looked up whenever one is entered."""

        indexes: ClassVar = [models.Index(fields=["register", "number"], name="people_register_number")]

    @property
    def public_id(self) -> str:
        """``O-0001``."""
        return f"O-{self.pk:04d}"


class NameShape(models.Model):
    """What one of an organisation's names looks like, present or former; made from the names, and made again."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="shapes")
    shape = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the skeleton")
    recipe = models.CharField(max_length=16, db_index=True)

    class Meta:
        """A shape is kept once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "shape", "recipe"], name="people_shape_once")
        ]


class OrganisationEntry(models.Model):
    """One fact of an organisation as it was entered; rows are added and never changed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="history")
    change = models.PositiveIntegerField()
    fact = models.CharField(max_length=16)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    log_index = models.PositiveBigIntegerField(null=True)


class Person(models.Model):
    """A person of an organisation, by role; no name is kept.

    One account may hold several persons: who works for two organisations is one human being, and the rules on
    conflicts look at the account.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="persons")
    role = models.CharField(max_length=32)
    accredited_until = models.DateField(null=True)
    seat = models.CharField(max_length=16, blank=True, default="")
    left_on = models.DateField(null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="persons")
    entered_at = models.DateTimeField(auto_now_add=True)

    @property
    def public_id(self) -> str:
        """``P-0001``."""
        return f"P-{self.pk:04d}"


class PersonEntry(models.Model):
    """One fact of a person as it was entered; rows are added and never changed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="history")
    what = models.CharField(max_length=16)
    until = models.DateField(null=True)
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()


class Interest(models.Model):
    """What ties a person to another organisation, as they declared it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interests")
    what = models.CharField(max_length=300)
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=32, blank=True)

    @property
    def public_id(self) -> str:
        """``I-0001``."""
        return f"I-{self.pk:04d}"
