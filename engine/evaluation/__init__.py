"""Offline quality: metrics, ranking protocol, significance, blend."""
