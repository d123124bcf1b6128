"""Azure: subscriptions, sign-ins, tokens and service principals of its command line, SDKs and shells."""
