"""Settings whose form no name tells, files that are one secret, and notes: what they hold, what looks alike."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.anywhere.look import anywhere
from probes.anywhere.readers import reader
from scanner.model import CredentialSeen
from scanner.testing import FakeHost, observe
from scanner.tokens import fill, token

DRAWN = token("password", "settings")
SEEN = {
    "~/.databrickscfg": "[DEFAULT]\ntoken = {}\n",
    "~/.tool/config": '---\ntool_password: "{}"\n',
    "~/.bundle/config": '---\nBUNDLE_GEMS__EXAMPLE__COM: "ada:{}"\n',
    "~/.kaggle/kaggle.json": '{{"username":"ada",\n"key":"{}"}}\n',
    "~/.config/tool/settings": "[default]\napi_key = {}\n",
    "~/.config/tool/a/x.sublime-settings": '// of ada\n{{"password": "{}"}}\n',
    "~/.config/supabase/access-token": "\n{}\n",
    "~/.ansible/vault-pass.txt": "# vault\n{}\n",
    "~/src/crm/config/master.key": "\n{}\n",
    "~/src/vpn/login.txt": "ada\n{}\n",
    "~/.curlrc": 'proxy = "http://proxy.example.com"\nproxy-user = "ada:{}"\n',
    "~/.mbsyncrc": 'User ada\nPass "{}"\n',
    "~/.fetchmailrc": 'poll imap.example.com\n  user "ada" password "{}"\n',
    "~/.davfs2/secrets": "# davfs2\nhttps://cloud.example.com/dav ada {}\n",
    "~/.condarc": "channels:\n  - https://conda.example.com/t/{}/acme\n",
    "~/.hex/hex.config": '{{username,<<"ada">>}}.\n{{api_key,<<"{}">>}}.\n',
    "~/src/redis.conf": "port 1\nuser worker on >{} ~* +@all\n",
    "~/src/nginx/site.conf": "server {{\n  proxy_set_header X-Internal-Token {};\n",
    "~/src/inventory/hosts.ini": "[web]\nweb1 ansible_user=ada ansible_password={}\n",
    "~/dotfiles/gitconfig": "[http]\n\textraHeader = Authorization: Bearer {}\n",
    "~/.oci/config": "[DEFAULT]\npass_phrase={}\n",
    "~/.gem/credentials": "---\n:rubygems_api_key: {}\n",
    "~/src/.git/hooks/post-receive": "#!/bin/sh\nlftp -u ada,{} ftp.example.com\n",
    "~/Documents/notes/a.md": "# a\nrouter password: {}\n",
    "~/Documents/b.md": "Dear ada,\nBen sent the staging secret: {}\n",
    "~/Documents/c.md": "| site | user | password |\n| wiki | ada | {} |\n",
    "~/Desktop/logins.csv": 'url,username,password\nhttps://wiki.example.com,"ada",{}\n',
    "~/src/CLAUDE.md": "# Notes\n- staging login: ada / {}\n",
    "~/src/AGENTS.md": "# Notes\n- the API key for the sandbox is `{}`\n",
    "~/src/docs/setup.md": "# Setup\nexport SMTP_PASSWORD={}\n",
    "~/src/bin/backup": "#!/bin/sh\nexport BACKUP_PASSWORD={}\n",
}


def lines_of(path, text):
    """The lines of what is told of one file."""
    seen = observe(anywhere, FakeHost(files={path: text}))
    return [each.evidence.line for each in seen if isinstance(each, CredentialSeen)]


@pytest.mark.parametrize("path", sorted(SEEN))
def test_a_secret_there_is_told_with_its_line(path):
    assert lines_of(path, SEEN[path].format(DRAWN)) == [2]


PHRASES = ["winter-otter-berlin42", "Summer-2019!", "Mango1987."]


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize(
    "path", ["~/.davfs2/secrets", "~/.fetchmailrc", "~/Documents/notes/a.md", "~/src/vpn/login.txt"]
)
def test_a_password_of_words_and_digits_is_one(path, phrase):
    assert lines_of(path, SEEN[path].format(phrase)) == [2]


def test_the_private_part_of_an_open_putty_key_is_told():
    lines = "\n".join(token("password", str(number)) * 2 for number in range(3))
    text = f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {{}}\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 3\n{lines}\n"
    assert lines_of("~/keys/jump.ppk", text.format("none")) == [1]
    assert lines_of("~/keys/jump.ppk", text.format("aes256-cbc")) == []


SILENT = [
    (
        "~/Documents/a.md",
        "The password must have 8 characters. A password reset token is sent by mail.\nPassword: see 1Password\n",
    ),
    (
        "~/Documents/b.md",
        "| password | socket | job |\n| --- | --- | --- |\n| return | 240 | 60 |\n| wait | 322 | 240 |\n",
    ),
    ("~/Documents/c.md", "The token request id is 8d4bde2b-16ec-4db5-87ef-5cc4b9ea43aa, the key is in Vault.\n"),
    (
        "~/src/README.md",
        "export API_TOKEN=<your token>\nexport DB_PASSWORD=$(pass show db)\npassword: https://example.com/x1\n",
    ),
    ("~/.config/tool/token", "see the keychain\n"),
    ("~/.config/tool/settings", "[default]\ntoken_type = bearer\npassword_store = keychain2\ntoken = ${TOKEN}\n"),
    (
        "~/src/nginx/site.conf",
        "proxy_set_header Authorization $http_authorization;\nproxy_set_header X-Token $token;\n",
    ),
    ("~/src/inventory/hosts.ini", "[web]\nweb1 ansible_user=ada ansible_password={{ vault_pw }}\n"),
    ("~/.hex/hex.config", '{api_key,<<"${HEX_API_KEY}">>}.\n'),
]


@pytest.mark.parametrize(("path", "text"), SILENT)
def test_what_only_looks_alike_is_silent(path, text):
    assert lines_of(path, text) == []


SHREDS = (
    "password",
    " ",
    "\n",
    "|",
    ",",
    ":",
    "is",
    "token",
    "=",
    '"',
    "{",
    "}",
    "<<",
    "CANARY9x!",
    "---",
    "[a]",
    "ada",
    "#",
    "/",
)


@pytest.mark.parametrize("name", ["settings", "lone", "notes"])
@settings(max_examples=30)
@given(text=st.lists(st.sampled_from(SHREDS), max_size=40).map("".join))
def test_what_is_given_out_stands_in_the_text(name, text):
    for path in ("x/secrets", ".curlrc", "notes.csv", "hex.config"):
        read = reader(name)(text, PurePosixPath(path))
        assert read.loose.count("\n") == text.count("\n")
        for each in read.pairs:
            assert 1 <= (each.evidence.line or 1) <= text.count("\n") + 1


def test_what_stands_in_a_note_twice_is_told_once_a_line():
    assert lines_of("~/Documents/a.md", fill("password: {token:password}\npassword is {token:password}\n", "s")) == [
        1,
        2,
    ]
