"""Checks that the engine's own models pass, for the tests of models of other packages.

    import pytest
    from engine.testing import checks_of

    from my_package import MY_MODEL

    @pytest.mark.parametrize("check", checks_of(MY_MODEL), ids=str)
    def test_my_model(check):
        check()

A check that fails raises ``AssertionError`` with what was expected; pytest itself is not needed.
"""

from engine.testing.check_lists import ContractCheck, checks_of, checks_of_loss

__all__ = ["ContractCheck", "checks_of", "checks_of_loss"]
