"""From files to a searchable library: read, clean, split, embed, store."""
