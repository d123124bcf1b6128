# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""The same names and values as the formats of settings and sources write them."""

import json
from collections.abc import Callable, Iterable
from random import Random

from .entries import Entry

Format = Callable[[Random, list[Entry]], str]


def camel(name: str) -> str:
    head, *rest = name.lower().split("_")
    return head + "".join(part.title() for part in rest)


def pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def kebab(name: str) -> str:
    return name.lower().replace("_", "-")


def dotted(name: str) -> str:
    return name.lower().replace("_", ".", 1).replace("_", "-")


def simple(value: str) -> bool:
    """No sign in the template's own text that a shell or YAML would read."""
    return not any(sign in value for sign in " $<{*;&?#") and not value.startswith(("«-placeholder", "«-masked"))


def quoted(random: Random, value: str) -> str:
    if simple(value):
        return random.choice((value, value, f'"{value}"', f"'{value}'"))
    return random.choice((f'"{value}"', f"'{value}'"))


def grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries by the first word of their names, as nested settings have them."""
    groups: dict[str, list[Entry]] = {}
    for name, value in entries:
        head, _, rest = name.partition("_")
        groups.setdefault(head.lower(), []).append((rest or "VALUE", value))
    return groups


def dotenv(random: Random, entries: list[Entry]) -> str:
    lines = ["# local settings"]
    for name, value in entries:
        prefix = random.choice(("", "", "", "export "))
        spaces = random.choice(("=", "=", "=", " = "))
        lines.append(f"{prefix}{name}{spaces if not prefix else '='}{quoted(random, value)}")
        if random.random() < 0.1:
            lines.append(f"\n# {name.lower()} comes from the team's vault")
    return "\n".join(lines) + "\n"


def shell(random: Random, entries: list[Entry]) -> str:
    head = random.choice(("#!/bin/sh\nset -eu\n", "#!/usr/bin/env bash\nset -euo pipefail\n"))
    ways = ('export {}="{}"', "export {}='{}'", '{}="{}"', "readonly {}='{}'", ': "${{{}:={}}}"')
    lines = [random.choice(ways[:4]).format(name, value) for name, value in entries]
    return head + "\n".join(lines) + '\ncurl -fsS "$BASE_URL/health"\ndocker compose up -d\n'


def yaml_nested(random: Random, entries: list[Entry]) -> str:
    named = random.choice((camel, kebab, str.lower))
    lines = ["---"] if random.random() < 0.4 else []
    for head, inner in grouped(entries).items():
        lines.append(f"{head}:")
        lines += [f"  {named(name)}: {quoted(random, value)}" for name, value in inner]
    return "\n".join(lines) + "\n"


def yaml_env(random: Random, entries: list[Entry]) -> str:
    """Containers of a deployment, with `name` and `value` on lines of their own."""
    lines = [
        "apiVersion: apps/v1",
        "kind: Deployment",
        "metadata:",
        "  name: shop",
        "spec:",
        "  template:",
        "    spec:",
        "      containers:",
    ]
    lines += ["        - name: app", "          image: registry.example.com/shop:1.4.2", "          env:"]
    for name, value in entries:
        lines += [f"            - name: {name}", f'              value: "{value}"']
    return "\n".join(lines) + "\n"


def compose(random: Random, entries: list[Entry]) -> str:
    as_list = random.random() < 0.5
    lines = [
        "services:",
        "  app:",
        "    image: registry.example.com/shop:latest",
        "    ports:",
        '      - "8080:8080"',
        "    environment:",
    ]
    lines += [
        f"      - {name}={value}" if as_list else f"      {name}: {quoted(random, value)}" for name, value in entries
    ]
    return (
        "\n".join(
            [
                *lines,
                "  db:",
                "    image: postgres:16",
                "    volumes:",
                "      - data:/var/lib/postgresql/data",
                "volumes:",
                "  data:",
            ]
        )
        + "\n"
    )


def kubernetes_secret(random: Random, entries: list[Entry]) -> str:
    plain = random.random() < 0.4
    lines = [
        "apiVersion: v1",
        "kind: Secret",
        "metadata:",
        "  name: shop-secrets",
        "type: Opaque",
        "stringData:" if plain else "data:",
    ]
    for name, value in entries:
        whole = (
            value
            if plain
            else ""
            if value[0] != "«" or value[-1] != "»" or value.count("«") > 1
            else value[:-1] + "|b64»"
        )
        if whole:
            lines.append(f"  {kebab(name)}: {quoted(random, whole) if plain else whole}")
    return "\n".join(lines) + "\n"


def helm_values(random: Random, entries: list[Entry]) -> str:
    lines = ["replicaCount: 2", "image:", "  repository: registry.example.com/shop", '  tag: "1.4.2"', "config:"]
    lines += [f"  {camel(name)}: {quoted(random, value)}" for name, value in entries]
    return "\n".join([*lines, "resources:", "  limits:", "    memory: 512Mi"]) + "\n"


def actions(random: Random, entries: list[Entry]) -> str:
    lines = ["name: build", "on: [push]", "env:", "  CI: true"]
    lines += [f"  {name}: {quoted(random, value)}" for name, value in entries]
    lines += [
        "jobs:",
        "  test:",
        "    runs-on: ubuntu-latest",
        "    steps:",
        "      - uses: actions/checkout@«-commit»",
        "      - run: make test",
    ]
    return "\n".join([*lines, "        env:", "          TOKEN: «=ref:${{ secrets.GITHUB_TOKEN }}»", ""])


def gitlab_ci(random: Random, entries: list[Entry]) -> str:
    lines = ["stages: [build, deploy]", "variables:"]
    lines += [f"  {name}: {quoted(random, value)}" for name, value in entries]
    return "\n".join(
        [
            *lines,
            "build:",
            "  stage: build",
            "  script:",
            "    - make",
            '    - docker login -u ci -p "«=ref:$CI_JOB_TOKEN»" registry.example.com',
            "",
        ]
    )


def jenkins(random: Random, entries: list[Entry]) -> str:
    lines = ["pipeline {", "    agent any", "    environment {"]
    lines += [f"        {name} = '{value}'" for name, value in entries]
    return "\n".join(
        [
            *lines,
            "        NEXUS = credentials('«=id:nexus-deployer»')",
            "    }",
            "    stages { stage('build') { steps { sh 'make' } } }",
            "}",
            "",
        ]
    )


def json_nested(random: Random, entries: list[Entry]) -> str:
    named = random.choice((camel, pascal, str.lower))
    value = {head: {named(name): text for name, text in inner} for head, inner in grouped(entries).items()}
    return (
        json.dumps({"name": "shop", "debug": False, **value}, indent=random.choice((2, 4)), ensure_ascii=False) + "\n"
    )


def json_flat(random: Random, entries: list[Entry]) -> str:
    return json.dumps(dict(entries), indent=2, ensure_ascii=False) + "\n"


def appsettings(random: Random, entries: list[Entry]) -> str:
    value = {"Logging": {"LogLevel": {"Default": "Information"}}, "ConnectionStrings": {
        "Default": "Server=tcp:«~host»,1433;Database=«~thing»;User ID=app;Password=«plain-password»;Encrypt=True"},
        "App": {pascal(name): text for name, text in entries}}  # fmt: skip
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def mcp(random: Random, entries: list[Entry]) -> str:
    servers = {
        f"{name.split('_')[0].lower()}-{at}": {
            "command": "npx",
            "args": ["-y", f"@acme/{kebab(name)}-server"],
            "env": {name: value},
        }
        for at, (name, value) in enumerate(entries)
    }
    servers["remote"] = {"url": "https://mcp.example.com/sse", "headers": {"Authorization": "Bearer «bearer-token»"}}
    return json.dumps({"mcpServers": servers}, indent=2, ensure_ascii=False) + "\n"


def toml(random: Random, entries: list[Entry]) -> str:
    lines = ['title = "shop"']
    for head, inner in grouped(entries).items():
        lines += [
            "",
            f"[{head}]",
            *(
                f"{random.choice((kebab, str.lower))(name)} = " + random.choice(('"{}"', "'{}'")).format(value)
                for name, value in inner
            ),
        ]
    return "\n".join(lines) + "\n"


def ini(random: Random, entries: list[Entry]) -> str:
    lines = []
    for head, inner in grouped(entries).items():
        lines += [
            f"[{head}]",
            *(f"{name.lower()}{random.choice(('=', ' = ', ': '))}{value}" for name, value in inner),
            "",
        ]
    return "\n".join(lines)


def properties(random: Random, entries: list[Entry]) -> str:
    return (
        "\n".join(["# application", "server.port=8080", *(f"{dotted(name)}={value}" for name, value in entries)]) + "\n"
    )


def spring_yaml(random: Random, entries: list[Entry]) -> str:
    lines = [
        "spring:",
        "  datasource:",
        "    url: jdbc:postgresql://«~host»:5432/«~thing»",
        "    username: app",
        "    password: «db-password»",
        "acme:",
    ]
    return "\n".join(lines + [f"  {kebab(name)}: {quoted(random, value)}" for name, value in entries]) + "\n"


def with_way(value: str, way: str) -> str:
    """The same template, its values in an encoding where none is told."""
    return value.replace("»", f"|{way}»") if "|" not in value else value


def xml_settings(random: Random, entries: list[Entry]) -> str:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<configuration>", "  <appSettings>"]
    lines += [f'    <add key="{pascal(name)}" value="{value.replace("&", "&amp;")}" />' for name, value in entries]
    line = '    <add name="Main" connectionString="Server=«~host»;Database=«~thing»;User Id=app;Password=«plain-password»;" />'
    return "\n".join(
        [*lines, "  </appSettings>", "  <connectionStrings>", line, "  </connectionStrings>", "</configuration>", ""]
    )


def xml_elements(random: Random, entries: list[Entry]) -> str:
    lines = ["<settings>"]
    for head, inner in grouped(entries).items():
        lines += [
            f"  <{head}>",
            *(f"    <{camel(name)}>{value.replace('&', '&amp;')}</{camel(name)}>" for name, value in inner),
            f"  </{head}>",
        ]
    return "\n".join([*lines, "</settings>", ""])


def tfvars(random: Random, entries: list[Entry]) -> str:
    width = max(len(name) for name, _ in entries)
    lines = [f'{name.lower():<{width}} = "{value.replace("${", "$${")}"' for name, value in entries]
    return "\n".join(['region = "eu-central-1"', *lines, 'tags = { team = "shop" }', ""])


def hcl(random: Random, entries: list[Entry]) -> str:
    lines = ["terraform {", '  required_version = ">= 1.6"', "}", ""]
    for name, value in entries:
        lines += [
            f'variable "{name.lower()}" {{',
            "  type      = string",
            "  sensitive = true",
            f'  default   = "{value.replace("${", "$${")}"',
            "}",
            "",
        ]
    lines += ['provider "grafana" {', '  url  = "https://grafana.example.com"', '  auth = "«grafana-token»"', "}", ""]
    lines += [
        'resource "aws_db_instance" "main" {',
        '  username = "app"',
        "  password = «=ref:var.db_password»",
        '  kms_key_id = "«-uuid»"',
        "}",
        "",
    ]
    return "\n".join(lines)


def dockerfile(random: Random, entries: list[Entry]) -> str:
    lines = ["FROM python:3.12-slim@«-digest»", "WORKDIR /app"]
    lines += [
        random.choice(('ENV {}="{}"', "ENV {}={}", 'ARG {}="{}"', "ENV {} {}")).format(name, value)
        for name, value in entries
    ]
    return "\n".join(
        [
            *lines,
            "ARG NPM_TOKEN",
            'RUN echo "//registry.example.com/:_authToken=«=ref:${NPM_TOKEN}»" > .npmrc',
            "COPY . .",
            'CMD ["python", "-m", "app"]',
            "",
        ]
    )


def makefile(random: Random, entries: list[Entry]) -> str:
    lines = [f"{name} {random.choice((':=', '?=', '='))} {value.replace('$', '$$')}" for name, value in entries]
    recipe = [
        "deploy:",
        "\t@curl -fsS -H 'Authorization: Bearer «bearer-token»' https://deploy.example.com/hooks/«~id»",
        "\t./deploy.sh",
    ]
    return "\n".join([*lines, "export DB_PASSWORD", "", *recipe, ""])


def powershell(random: Random, entries: list[Entry]) -> str:
    ways = (
        '$env:{} = "{}"',
        "$env:{} = '{}'",
        '[Environment]::SetEnvironmentVariable("{}", "{}", "User")',
        '${} = ConvertTo-SecureString "{}" -AsPlainText -Force',
    )
    return "\r\n".join(
        [
            "# sets up a shell",
            *(random.choice(ways).format(name, value) for name, value in entries),
            "Write-Host 'ready'",
            "",
        ]
    )


def batch(random: Random, entries: list[Entry]) -> str:
    ways = ("set {}={}", 'set "{}={}"', 'setx {} "{}"')
    return "\r\n".join(
        ["@echo off", *(random.choice(ways).format(name, value) for name, value in entries), "call build.cmd", ""]
    )


def python(random: Random, entries: list[Entry]) -> str:
    lines = [
        '"""Settings of the service."""',
        "",
        "import os",
        "",
        "DEBUG = False",
        'TOKEN = os.environ["«=const:SERVICE_TOKEN»"]',
        'PASSWORD = os.getenv("«=const:DB_PASSWORD»")',
    ]
    lines += [f"{name} = " + random.choice(('"{}"', "'{}'")).format(value) for name, value in entries]
    tail = 'DATABASES = {\n    "default": {\n        "ENGINE": "django.db.backends.postgresql",\n        "USER": "app",\n        "PASSWORD": "«db-password»",\n    }\n}\n'
    return "\n".join([*lines, tail])


def script(random: Random, entries: list[Entry]) -> str:
    lines = ["const config = {"] + [
        f"  {camel(name)}: " + random.choice(("'{}'", '"{}"', "`{}`")).format(value.replace("${", "\\${")) + ","
        for name, value in entries
    ]
    return "\n".join([*lines, "  password: «=code:process.env.DB_PASSWORD»,", "};", "", "module.exports = config;", ""])


def typescript(random: Random, entries: list[Entry]) -> str:
    lines = ["export interface Credentials {", "  password: «=type:string»;", "  apiKey?: «=type:string»;", "}", ""]
    lines += [f"const {camel(name)} = '{value}';" for name, value in entries]
    return "\n".join([*lines, "export const authHeader = (token: string) => `«=code:Bearer ${token}»`;", ""])


def golang(random: Random, entries: list[Entry]) -> str:
    lines = ["package config", "", 'import "os"', "", "const ("] + [
        f'\t{camel(name)} = "{value}"' for name, value in entries
    ]
    return "\n".join([*lines, ")", "", 'var token = os.Getenv("«=const:API_TOKEN»")', ""])


def java(random: Random, entries: list[Entry]) -> str:
    lines = ["package com.example.shop;", "", "public final class Constants {"]
    lines += [f'    private static final String {name} = "{value}";' for name, value in entries]
    return "\n".join([*lines, '    public static final String PASSWORD_PARAMETER = "«=const:j_password»";', "}", ""])


def ruby(random: Random, entries: list[Entry]) -> str:
    lines = ["Rails.application.configure do"] + [f"  config.{name.lower()} = '{value}'" for name, value in entries]
    return "\n".join([*lines, '  config.password = ENV.fetch("«=const:DB_PASSWORD»")', "end", ""])


def php(random: Random, entries: list[Entry]) -> str:
    lines = ["<?php", "define('DB_NAME', 'blog');", "define('DB_PASSWORD', '«db-password»');"] + [
        f"define('{name}', '{value}');" for name, value in entries
    ]
    return "\n".join([*lines, "$pass = $_POST['«=const:password»'];", ""])


def csharp(random: Random, entries: list[Entry]) -> str:
    lines = ["namespace Acme.Desk;", "", "public static class Settings", "{"]
    return "\n".join(
        [*lines, *(f'    public const string {pascal(name)} = "{value}";' for name, value in entries), "}", ""]
    )


def ansible(random: Random, entries: list[Entry]) -> str:
    lines = ["---", "app_user: deploy"] + [f"{name.lower()}: {quoted(random, value)}" for name, value in entries]
    return "\n".join(
        [*lines, 'db_password: "«=ref:{{ vault_db_password }}»"', "tls_key: !vault |\n          «-ansible-vault»", ""]
    )


def systemd(random: Random, entries: list[Entry]) -> str:
    lines = ["[Unit]", "Description=shop", "", "[Service]", "ExecStart=/opt/shop/bin/serve"]
    return "\n".join(
        [
            *lines,
            *(f'Environment="{name}={value}"' for name, value in entries),
            "EnvironmentFile=«=path:/etc/shop/secrets.env»",
            "",
        ]
    )


def crontab(random: Random, entries: list[Entry]) -> str:
    lines = [f"{name}={value}" for name, value in entries]
    job = "15 3 * * * pg_dump postgres://backup:«plain-password»@«~host»/«~thing» | gzip > /var/backups/«~thing».gz"
    return "\n".join([*lines, "MAILTO=ada@example.com", job, ""])


def notes(random: Random, entries: list[Entry]) -> str:
    lines = ["# Setting up", "", "Copy the file and ask the team for the rest.", "", "```sh"] + [
        f"export {name}={value}" for name, value in entries
    ]
    return "\n".join(
        [*lines, "```", "", "The password must be at least 12 characters long; a token lives for an hour.", ""]
    )


def rst(random: Random, entries: list[Entry]) -> str:
    lines = ["Configuration", "=============", "", "::", ""] + [f"    {name}: {value}" for name, value in entries]
    return "\n".join([*lines, "", "Restart the service afterwards.", ""])
