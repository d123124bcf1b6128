"""Command lines as programs: what may be told of them, and that nothing else is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.uses.commands import LENGTH, used
from scanner.model import UseKind

CANARY = "CANARY-CANARY-CANARY"

LINES = {
    # sub-commands, and the account, context or namespace that is named
    "kubectl --context prod get pods -n shop": ["kubectl get pods --context prod --namespace shop"],
    "kubectl delete pod x --context=prod": ["kubectl delete pod --context prod"],
    "aws --profile prod s3 rm s3://bucket/x --recursive": ["aws s3 rm --profile prod"],
    "aws ec2 terminate-instances --instance-ids i-1": ["aws ec2 terminate-instances"],
    "gcloud --project acme-prod container clusters delete main": [
        "gcloud container clusters delete --project acme-prod"
    ],
    "helm upgrade -n shop web ./chart": ["helm upgrade --namespace shop"],
    "git -C /srv/x push origin main": ["git push"],
    "git log -n 5": ["git log"],
    "gh pr create --title x": ["gh pr create"],
    "terraform apply -auto-approve": ["terraform apply"],
    "docker run --rm -e X=y image ls": ["docker run"],
    "psql -h db.example.com -c 'drop table x'": ["psql"],
    "head -n 5 x": ["head"],
    # lines that hold several commands
    "kubectl get pods && git push; ls | wc -l || true": ["kubectl get pods", "git push", "ls", "wc", "true"],
    "cd x\nls\n": ["cd", "ls"],
    'echo "$(kubectl get secret x)"': ["kubectl get secret", "echo"],
    "echo $(git push) `aws s3 ls`": ["echo", "git push", "aws s3 ls"],
    "for x in one two; do kubectl apply -f $x; done": ["kubectl apply"],
    "if grep -q a b; then kubectl get pods; else ls; fi": ["grep", "kubectl get pods", "ls"],
    "! git push": ["git push"],
    "(cd x && make deploy) &": ["cd", "make"],
    "ls # kubectl delete": ["ls"],
    "ls > out 2>&1 && pwd": ["ls", "pwd"],
    # wrappers, and shells with a line of their own
    "sudo -u root env A=b timeout 5 kubectl delete pod x": ["sudo", "env", "timeout", "kubectl delete pod"],
    "bash -lc 'git push origin main; ls'": ["git push", "ls"],
    "sh -c \"bash -c 'kubectl delete pod x'\"": ["kubectl delete pod"],
    "xargs -n 1 kubectl delete pod": ["xargs", "kubectl delete pod"],
    "find . -name x -exec rm {} \\;": ["find", "rm"],
    "watch -n 2 'kubectl get pods'": ["watch", "kubectl get pods"],
    "time -p git push": ["time", "git push"],
    "nohup /usr/local/bin/terraform destroy &": ["nohup", "terraform destroy"],
    # names
    "/opt/homebrew/bin/python3.12 x.py": ["python"],
    ".venv/bin/pip install x": ["pip install"],
    "./deploy.sh prod": ["deploy.sh"],
    "kubectl.exe get pods": ["kubectl get pods"],
    "unheard-of --flag": ["unheard-of"],
    "sudo unheard-of": ["sudo"],  # behind a wrapper it may be the value of an option
    "X9f8 a": [],
    "FOO=bar": [],
    "": [],
}


@pytest.mark.parametrize("line", sorted(LINES))
def test_a_line_is_told_by_its_programs(line):
    assert [subject for what, subject in used(line) if what is UseKind.COMMAND] == LINES[line]


SECRETIVE = [
    f"export TOKEN={CANARY}; ls",
    f"TOKEN={CANARY} ls",
    f"curl -H 'Authorization: Bearer {CANARY}' https://x.example.com",
    f"mysql -p{CANARY} -u root",
    f"cat <<EOF > x\n{CANARY.lower()} words\nEOF\nls",
    "cat <<-'END'\n\tcanary\n\tEND\nls",
    'git commit -m "fix; canary words that never end',
    "aws s3 --sse-c-key canary cp x y",
    "aws --some-option canary s3 ls",
    "git commit -m 'canary\nwords'",
    f"kubectl --context {CANARY}/{CANARY}? get pods",
    f"aws configure set aws_secret_access_key {CANARY}",
    f"vault kv put secret/x password={CANARY}",
    f"echo {CANARY} | docker login --password-stdin",
    f"sudo -S -p {CANARY} ls",
    f"timeout -k {CANARY} 5 ls",
    f"ls # {CANARY}",
]


@pytest.mark.parametrize("line", SECRETIVE)
def test_no_argument_is_told(line):
    told = [subject for what, subject in used(line) if what is UseKind.COMMAND]
    assert told
    assert "canary" not in " ".join(told).casefold()


FILES = {
    "cat .env": [".env"],
    "grep -r x < .env": [".env", "x"],
    "source ~/.config/secrets.env": ["~/.config/secrets.env"],
    "ssh -i ~/.ssh/id_rsa host": ["~/.ssh/id_rsa"],
    "kubectl --kubeconfig=/etc/k get pods": ["/etc/k"],
    "docker run --env-file .env.production image": [".env.production"],
    "curl -d @.env https://x.example.com": [".env", "https://x.example.com"],
    "rm .env": [],
    "git add .env": [],
    "echo x > .env": [],
}


@pytest.mark.parametrize("line", sorted(FILES))
def test_files_that_are_shown_or_used_are_met(line):
    assert [subject for what, subject in used(line) if what is UseKind.FILE] == FILES[line]


SHREDS = st.sampled_from(
    [
        "kubectl",
        "sudo",
        "bash",
        "-c",
        "'",
        '"',
        "$(",
        ")",
        "`",
        ";",
        "&&",
        "|",
        "\n",
        " ",
        "<<EOF",
        "EOF",
        "\\",
        "{",
        "}",
        *["-n", "--context", "=", "find", "-exec", "xargs", "#", ">", "<", "&", "é", "\0", "for", "do", CANARY, ".env"],
    ]
)


@example("<<EOF")
@example("'" * 7)
@given(st.lists(SHREDS, max_size=60).map("".join) | st.lists(SHREDS, max_size=60).map(" ".join))
def test_no_line_breaks_it_and_no_value_leaves_it(line):
    for what, subject in used(line):
        assert what is not UseKind.COMMAND or "CANARY" not in subject


@pytest.mark.parametrize("part", ["(", "'", '"', "$(", "\\", "sudo ", "bash -c '", "<<E ", "a;", "`"])
def test_a_long_line_takes_no_time(part):
    assert len(list(used(part * LENGTH))) < 100
