"""Accounts: who signs in. Organisations and persons: who asks, decides and signs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


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

    objects = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Organisation(models.Model):
    """An organisation that may ask for data."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=32)
    country = models.CharField(max_length=200)
    entered_at = models.DateTimeField(auto_now_add=True)

    @property
    def public_id(self) -> str:
        """``O-0001``."""
        return f"O-{self.pk:04d}"


class Person(models.Model):
    """A person of an organisation, by role; no name is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="persons")
    role = models.CharField(max_length=32)
    accredited_until = models.DateField(null=True)
    entered_at = models.DateTimeField(auto_now_add=True)

    @property
    def public_id(self) -> str:
        """``P-0001``."""
        return f"P-{self.pk:04d}"
