"""GitHub Copilot CLI: settings of the user and the organisation, saved approvals, options of running ones, sandbox."""
