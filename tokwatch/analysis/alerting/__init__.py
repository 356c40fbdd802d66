"""Alerts: measures of the moment, what rules say of them, and the life of what they find."""
