"""What every list of items can be asked for, as the library exports it."""

from engine.answering.question_options import ListOptions, question_of

__all__ = ["ListOptions", "question_of"]
