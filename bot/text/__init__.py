"""Plain text: folding, phrases, billed segments, places. No language is known here."""
