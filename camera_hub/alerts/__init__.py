"""Alerts: rules are held against what was just stored, and the page, webhooks and mailboxes are told."""
