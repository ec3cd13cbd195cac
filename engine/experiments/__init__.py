"""Experiments: models fitted and judged by one protocol, apart from any database."""
