"""Renderers and sinks: from the report to what a reader or another program takes."""
