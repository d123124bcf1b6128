"""armslength: what an AI agent launched from this machine could reach."""
