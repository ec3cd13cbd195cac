"""What a plug-in for engine looks like; each module is one idea of some ten lines."""
