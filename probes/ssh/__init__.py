"""SSH: private keys, certificates, agents, open connections, and the hosts they lead to."""
