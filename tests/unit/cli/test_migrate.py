"""``engine migrate``: flags that exclude each other."""

from .refusal import refused


def test_showing_and_breaking_exclude_each_other() -> None:
    assert "--break-lock" in refused("migrate", "--status", "--break-lock").message
