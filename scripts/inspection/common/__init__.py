"""What every room stands on: errors, whole files, words, progress, colors."""
