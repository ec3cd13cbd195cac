"""Faults below SQLite: its own system calls in this process, replaced as its own test suite does.

SQLite's file layer lets every system call be replaced (``xSetSystemCall``, see test_syscall.c and
sysfault.test of SQLite). The calls that change a file are counted here, and from the n-th on one
of them fails, or the process dies at it.
"""

import _sqlite3
import ctypes
import errno
import os
import signal
from collections.abc import Callable
from typing import Any

_POINTER = ctypes.c_void_p
_METHODS = (
    "xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep "
    "xCurrentTime xGetLastError xCurrentTimeInt64 xSetSystemCall xGetSystemCall xNextSystemCall"
)


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", _POINTER),
        ("zName", ctypes.c_char_p),
        ("pAppData", _POINTER),
        *((name, _POINTER) for name in _METHODS.split()),
    ]


_WRITE = (ctypes.c_ssize_t, ctypes.c_int, _POINTER, ctypes.c_size_t)
_SIGNATURES: dict[bytes, tuple[Any, ...]] = {
    b"write": _WRITE,
    b"pwrite": (*_WRITE, ctypes.c_int64),
    b"pwrite64": (*_WRITE, ctypes.c_int64),
    b"ftruncate": (ctypes.c_int, ctypes.c_int, ctypes.c_int64),
    b"unlink": (ctypes.c_int, ctypes.c_char_p),
}

_kept: list[Any] = []  # SQLite calls them for as long as the process lives, and in its children


class Faults:
    """The writing system calls of this process's SQLite.

    Attributes:
        calls: How many there were since the last ``arm``.
    """

    def __init__(self) -> None:
        self._mode, self._at, self.calls = "none", 0, 0
        library = ctypes.CDLL(_sqlite3.__file__)  # its symbols and those of what it is linked to
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None).contents
        here = ctypes.addressof(vfs)
        get = ctypes.CFUNCTYPE(_POINTER, _POINTER, ctypes.c_char_p)(vfs.xGetSystemCall)
        set_ = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_char_p, _POINTER)(
            vfs.xSetSystemCall
        )
        replaced = False
        for name, signature in _SIGNATURES.items():
            address = get(here, name)
            if address:
                kind = ctypes.CFUNCTYPE(*signature, use_errno=True)
                replacement = kind(self._replacement(name, kind(address)))
                assert set_(here, name, ctypes.cast(replacement, _POINTER)) == 0
                _kept.append(replacement)
                replaced = True
        assert replaced, "this SQLite lets no system call be replaced"

    def arm(self, mode: str, at: int) -> None:
        """Begin to count anew.

        Args:
            mode: ``kill`` dies at call ``at``, ``torn`` in the middle of it; ``once`` fails it with
                EIO, ``always`` it and all later ones; ``full`` is a disk on which no file grows
                beyond ``at`` bytes; ``none`` is no fault.
            at: From 1.
        """
        self._mode, self._at, self.calls = mode, at, 0

    def _replacement(self, name: bytes, real: Callable[..., int]) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            self.calls += 1
            if self._mode == "full":
                full = name.startswith(b"pwrite") and self._grows(*arguments)
                return _fail(errno.ENOSPC) if full else real(*arguments)
            if self._mode in ("kill", "torn") and self.calls == self._at:
                if self._mode == "torn" and b"write" in name:
                    descriptor, data, size, *place = arguments
                    real(descriptor, data, size // 2, *place)
                os.kill(os.getpid(), signal.SIGKILL)
            once, always = self._mode == "once", self._mode == "always"
            if (once and self.calls == self._at) or (always and self.calls >= self._at):
                return _fail(errno.EIO)
            return real(*arguments)

        return call

    def _grows(self, descriptor: int, _data: int, size: int, offset: int) -> bool:
        end = offset + size
        return end > self._at and end > os.fstat(descriptor).st_size


def _fail(reason: int) -> int:
    ctypes.set_errno(reason)
    return -1
