"""Kubernetes: kubeconfigs, the proofs in them, the plug-ins they would run, and what a pod is handed."""
