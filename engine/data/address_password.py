"""The password in an address: itself, or ``$NAME``, the variable of the environment that holds it.

Everybody on a machine can read the command lines of its processes, nobody else their environment.
"""

import os

from engine.errors import ConfigError

_MARK = "$"


def password_of(text: str) -> str:
    """Return the password that an address gives or names.

    Raises:
        ConfigError: The variable that it names is not set.
    """
    if not text.startswith(_MARK):
        return text
    name = text.removeprefix(_MARK)
    if name not in os.environ:
        raise ConfigError(
            f"the password of an address is {text}, and there is no such variable",
            hint=f"export {name}=…; a password that begins with {_MARK} goes into a variable too",
        )
    return os.environ[name]
