"""Cline's command line: everything unasked, unless a switch or an option says otherwise."""
