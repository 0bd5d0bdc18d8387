"""Who may have how much at once."""
