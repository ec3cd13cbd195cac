"""What an encoder of features consists of: numbers, words, texts and vectors."""
