"""Google Cloud: gcloud's configurations and stores, application default credentials, and keys of service accounts."""
