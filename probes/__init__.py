"""Every probe that comes with the tool, in the order in which they run and report."""

from probes.agents.look import agents
from probes.agents.mcp.look import mcp
from probes.anywhere.look import anywhere
from probes.aws.look import aws
from probes.azure.look import azure
from probes.containers.look import containers
from probes.dotenv import dotenv
from probes.environment import environment
from probes.gcloud.look import gcloud
from probes.git.look import git
from probes.github.look import github
from probes.guardrails.look import guardrails
from probes.keychain.look import keychain
from probes.kubernetes.look import kubernetes
from probes.ssh.look import ssh
from probes.terraform.look import terraform
from probes.tracked.look import tracked
from probes.uses.look import history, uses
from scanner.probe import Probe

BUILTIN: tuple[Probe, ...] = (
    environment,
    dotenv,
    aws,
    gcloud,
    azure,
    kubernetes,
    containers,
    ssh,
    git,
    github,
    keychain,
    agents,
    mcp,
    terraform,
    guardrails,
    uses,
    history,
    anywhere,
    tracked,
)
