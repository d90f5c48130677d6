"""What the checker asks of a history, by subject: each function yields a sentence for whatever it finds."""
