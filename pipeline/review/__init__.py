"""Review: a person sees image and text side by side, decides what is uncertain, and signs."""
