"""``python -m engine.training FILE``: one of the processes of a training; ``worker`` says how."""

from engine.training.processes.worker import main

main()
