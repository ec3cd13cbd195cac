"""Files in Arrow's own format, as ``pandas.DataFrame.to_feather`` writes them."""

import polars as pl

from engine.extension import FileReader

FEATHER = FileReader(lambda path: [pl.read_ipc(path)], suffixes=(".feather", ".arrow"))
