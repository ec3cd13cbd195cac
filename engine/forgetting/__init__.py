"""Forgetting: take users and items out of all that is held; hand out what is held about one."""
