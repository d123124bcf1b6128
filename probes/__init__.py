"""Every probe that comes with the tool, in the order in which they run and report."""

from probes.aws.look import aws
from probes.dotenv import dotenv
from probes.environment import environment
from probes.ssh import ssh
from scanner.probe import Probe

BUILTIN: tuple[Probe, ...] = (environment, dotenv, aws, ssh)
