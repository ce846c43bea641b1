from django.contrib.auth.models import AbstractUser


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """An account. What it may see and change is decided by its memberships."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username
