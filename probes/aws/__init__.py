"""AWS: profiles, key pairs, roles, sign-ins and caches."""
