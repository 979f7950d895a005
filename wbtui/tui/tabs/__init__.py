"""What each tab shows."""
