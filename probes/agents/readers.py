"""The readers of the agents in `agent_places.toml`, each loaded only where its agent is here."""

from collections.abc import Iterator

from probes.agents.installed import Installed, of_defaults
from scanner.host import Host
from scanner.model import Observation


def told(host: Host, each: Installed) -> Iterator[Observation]:  # noqa: PLR0912 - one case for each agent
    """All that is told of an agent in the workspace."""
    match each.row.reader:
        case "amazon_q":
            from probes.agents.amazon_q.flow import told as of_amazon_q

            yield from of_amazon_q(host, each)
        case "antigravity":
            from probes.agents.antigravity.flow import told as of_antigravity

            yield from of_antigravity(host, each)
        case "amp":
            from probes.agents.amp.flow import told as of_amp

            yield from of_amp(host, each)
        case "augment":
            from probes.agents.augment.flow import told as of_augment

            yield from of_augment(host, each)
        case "cline":
            from probes.agents.cline.flow import told as of_cline

            yield from of_cline(host, each)
        case "gemini":
            from probes.agents.gemini.flow import told as of_gemini

            yield from of_gemini(host, each)
        case "crush":
            from probes.agents.crush.flow import told as of_crush

            yield from of_crush(host, each)
        case "cline_cli":
            from probes.agents.cline_cli.flow import told as of_cline_cli

            yield from of_cline_cli(host, each)
        case "copilot":
            from probes.agents.copilot.flow import told as of_copilot

            yield from of_copilot(host, each)
        case "droid":
            from probes.agents.droid.flow import told as of_droid

            yield from of_droid(host, each)
        case "opencode":
            from probes.agents.opencode.flow import told as of_opencode

            yield from of_opencode(host, each)
        case "qwen":
            from probes.agents.qwen.flow import told as of_qwen

            yield from of_qwen(host, each)
        case "roo":
            from probes.agents.roo.flow import told as of_roo

            yield from of_roo(host, each)
        case "vscode":
            from probes.agents.vscode.flow import told as of_vscode

            yield from of_vscode(host, each)
        case "windsurf":
            from probes.agents.windsurf.flow import told as of_windsurf

            yield from of_windsurf(host, each)
        case "goose":
            from probes.agents.goose.flow import told as of_goose

            yield from of_goose(host, each)
        case "zed":
            from probes.agents.zed.flow import told as of_zed

            yield from of_zed(host, each)
        case "continue_dev":
            from probes.agents.continue_dev.flow import told as of_continue_dev

            yield from of_continue_dev(host, each)
        case "aider":
            from probes.agents.aider.flow import told as of_aider

            yield from of_aider(host, each)
        case "junie":
            from probes.agents.junie.flow import told as of_junie

            yield from of_junie(host, each)
        case "warp":
            from probes.agents.warp.flow import told as of_warp

            yield from of_warp(host, each)
        case "openhands":
            from probes.agents.openhands.flow import told as of_openhands

            yield from of_openhands(host, each)
        case "kiro":
            from probes.agents.kiro.flow import told as of_kiro

            yield from of_kiro(host, each)
        case _:
            yield from of_defaults(host, each)
