"""Use cases: a function for each thing that a person does with the engine.

The command line calls them, the service does where it does the same, and so may a program. Each
takes the settings, opens the graph and the registry that it needs, hands them to a room, and
returns what came of it as plain values and dataclasses. None prints. Where a room's function opens
the stores itself, it stands here under its own name.
"""
