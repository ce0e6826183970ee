"""The conversation as values: flows, the book, and one pure step from text to reply."""
