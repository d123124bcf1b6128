"""What the Kubernetes probe reads."""

CHOSEN = "$KUBECONFIG"
DEFAULT = "~/.kube/config"
SPARE = (
    "~/.kube/*.{yaml,yml,conf,config}",
    "~/.kube/config[-._]*",
    "~/.kube/k3s",
    "~/.kube/{configs,config.d}/*",
)
SYSTEM = (
    "/etc/rancher/k3s/k3s.yaml",
    "/etc/rancher/rke2/rke2.yaml",
    "/etc/kubernetes/{admin,super-admin}.conf",
    "/var/lib/k0s/pki/admin.conf",
    "/var/snap/microk8s/current/credentials/client.config",
    "/var/lib/kubelet/kubeconfig",
)
PROJECTS = ("**/kubeconfig{,.yaml,.yml,.json,.conf}", "**/*.kubeconfig", "**/*-kubeconfig.{yaml,yml}")
SIGN_IN_CACHES = (
    *("~/.kube/cache/oidc-login/*", "~/.kube/cache/kubelogin/*"),
    *("$KUBECACHEDIR/oidc-login/*", "$KUBECACHEDIR/kubelogin/*"),
)
GKE_CACHE = "~/.kube/gke_gcloud_auth_plugin_cache"
POD = "/var/run/secrets/kubernetes.io/serviceaccount"
POD_TOKENS = (
    f"{POD}/token",
    "/var/run/secrets/tokens/*",
    "C:/var/run/secrets/kubernetes.io/serviceaccount/token",
)
POD_NAMESPACES = (f"{POD}/namespace", "C:/var/run/secrets/kubernetes.io/serviceaccount/namespace")
FILES = (DEFAULT, *SPARE, *SYSTEM, *SIGN_IN_CACHES, GKE_CACHE, *POD_TOKENS)
NAMED = "<certificate, key or token that a kubeconfig names>"
AWS_FILES = ("$AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", "$AWS_CONFIG_FILE", "~/.aws/config")
GCLOUD_FOLDERS = ("$CLOUDSDK_CONFIG", "~/.config/gcloud", "$APPDATA/gcloud")
GCLOUD_ACTIVE = tuple(f"{folder}/active_config" for folder in GCLOUD_FOLDERS)
GCLOUD_CONFIGURATIONS = tuple(f"{folder}/configurations/config_*" for folder in GCLOUD_FOLDERS)
CLOUDS = (*AWS_FILES, *GCLOUD_ACTIVE, *GCLOUD_CONFIGURATIONS)
VARIABLES = (
    *("KUBECONFIG", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"),
    *("CLOUDSDK_CORE_ACCOUNT", "CLOUDSDK_ACTIVE_CONFIG_NAME"),
)
