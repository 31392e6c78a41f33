"""Secrets leave with nothing: every kind, wherever it stands; and what is no secret stays."""

from __future__ import annotations

import base64
import random
import string
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.explain.secrets.format import FORMATS
from reviewer.explain.secrets.redaction import redact

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL64 = ALNUM + "-_"


def chars(alphabet: str, number: int, seed: int = 7) -> str:
    """Characters of an alphabet, the same for the same arguments; begins and ends with a letter or digit."""
    chosen = random.Random(f"{alphabet}{number}{seed}")
    inner = [chosen.choice(alphabet) for _ in range(number)]
    plain = [char for char in alphabet if char.isalnum()]
    # A digit, a lower and an upper letter where the alphabet has them: no planted value is a word by chance.
    for at, kind in enumerate((str.isdigit, str.islower, str.isupper)):
        if (fitting := [char for char in alphabet if kind(char)]) and number > 6:
            inner[at + 1] = chosen.choice(fitting)
    inner[0], inner[-1] = chosen.choice(plain), chosen.choice(plain)
    return "".join(inner)


# Built from parts: no token stands in the repository. kind -> token
TOKENS: dict[str, str] = {
    "AWS access key id": "AK" + "IA" + chars(UPPER, 16),
    "AWS Bedrock key": "AB" + "SK" + chars(ALNUM, 120),
    "GitHub classic token": "gh" + "p_" + chars(ALNUM, 36),
    "GitHub app token": "gh" + "s_" + chars(ALNUM, 36),
    "GitHub OAuth token": "gh" + "o_" + chars(ALNUM, 36),
    "GitHub fine-grained token": "github" + "_pat_" + chars(ALNUM, 22) + "_" + chars(ALNUM, 59),
    "GitLab personal token": "gl" + "pat-" + chars(URL64, 20),
    "GitLab runner token": "gl" + "rt-" + chars(URL64, 20),
    "Bitbucket app password": "AT" + "BB" + chars(ALNUM, 32),
    "npm token": "np" + "m_" + chars(ALNUM, 36),
    "PyPI token": "pypi" + "-Ag" + chars(URL64, 120),
    "RubyGems token": "rubygems" + "_" + chars(HEX, 48),
    "Docker Hub token": "dckr" + "_pat_" + chars(URL64, 27),
    "Artifactory token": "AK" + "Cp" + chars(ALNUM, 69),
    "Google API key": "AI" + "za" + chars(URL64, 35),
    "Google OAuth client secret": "GOC" + "SPX-" + chars(URL64, 28),
    "Google OAuth token": "ya" + "29." + chars(URL64, 60),
    "Google refresh token": "1/" + "/0" + chars(URL64, 60),
    "Azure storage key": chars(ALNUM + "+/", 86) + "==",
    "Azure client secret": chars(ALNUM, 3) + "8" + "Q~" + chars(ALNUM, 34),
    "Azure DevOps token": chars(ALNUM, 52) + "JQQ" + "J99" + chars(ALNUM, 26),
    "DigitalOcean token": "do" + "p_v1_" + chars(HEX, 64),
    "Cloudflare token": "cf" + "ut_" + chars(ALNUM, 40),
    "Cloudflare origin key": "v1" + ".0-" + chars(HEX, 24) + "-" + chars(HEX, 146),
    "Heroku key": "HR" + "KU-" + chars(URL64, 60),
    "Alibaba access key id": "LT" + "AI" + chars(ALNUM, 20),
    "Fly token": "fm" + "2_" + chars(ALNUM, 90),
    "Netlify token": "nf" + "p_" + chars(ALNUM, 36),
    "Vercel token": "vc" + "p_" + chars(ALNUM, 56),
    "Supabase token": "sb" + "p_" + chars(HEX, 40),
    "Supabase secret key": "sb" + "_secret_" + chars(URL64, 31),
    "PlanetScale password": "pscale" + "_pw_" + chars(URL64, 43),
    "Tailscale key": "ts" + "key-auth-" + chars(ALNUM, 11) + "-" + chars(ALNUM, 32),
    "Anthropic key": "sk" + "-ant-api03-" + chars(URL64, 93) + "AA",
    "OpenAI project key": "sk" + "-proj-" + chars(URL64, 120),
    "OpenAI old key": "sk" + "-" + chars(ALNUM, 20) + "T3Blbk" + "FJ" + chars(ALNUM, 20),
    "OpenRouter key": "sk" + "-or-v1-" + chars(HEX, 64),
    "Hugging Face token": "hf" + "_" + chars(string.ascii_letters, 34),
    "Groq key": "gs" + "k_" + chars(ALNUM, 52),
    "xAI key": "xa" + "i-" + chars(ALNUM, 80),
    "Replicate token": "r8" + "_" + chars(ALNUM, 37),
    "Perplexity key": "pp" + "lx-" + chars(ALNUM, 48),
    "LangSmith key": "ls" + "v2_pt_" + chars(HEX, 32) + "_" + chars(HEX, 10),
    "Slack bot token": "xo" + "xb-" + chars(string.digits, 12) + "-" + chars(ALNUM, 24),
    "Slack app token": "xa" + "pp-1-" + chars(UPPER, 11) + "-" + chars(string.digits, 13) + "-" + chars(HEX, 64),
    "Telegram bot token": "7" + chars(string.digits, 9) + ":A" + "A" + chars(URL64, 33),
    "Discord bot token": "M" + chars(ALNUM, 25) + "." + chars(ALNUM, 6) + "." + chars(URL64, 38),
    "SendGrid key": "S" + "G." + chars(URL64, 22) + "." + chars(URL64, 43),
    "Mailgun key": "key" + "-" + chars(HEX, 32),
    "Mailgun new key": chars(HEX, 32) + "-" + chars(HEX, 8) + "-" + chars(HEX, 8, 9),
    "Mailchimp key": chars(HEX, 32) + "-u" + "s12",
    "Twilio key": "S" + "K" + chars(HEX, 32),
    "Stripe key": "sk" + "_live_" + chars(ALNUM, 24),
    "Stripe restricted key": "rk" + "_test_" + chars(ALNUM, 24),
    "Stripe webhook secret": "wh" + "sec_" + chars(ALNUM, 32),
    "Shopify token": "shp" + "at_" + chars(HEX, 32),
    "Square token": "sq0" + "atp-" + chars(URL64, 22),
    "Square access token": "EA" + "AA" + chars(URL64, 60),
    "Facebook token": "EA" + "AC" + chars(ALNUM, 120),
    "Datadog key": "dd" + "app_" + chars(ALNUM, 34),
    "New Relic key": "NR" + "AK-" + chars(UPPER, 27),
    "New Relic licence": chars(HEX, 36) + "NR" + "AL",
    "Sentry token": "sn" + "trys_" + chars(ALNUM, 60) + "_" + chars(ALNUM, 43),
    "Grafana token": "gl" + "sa_" + chars(ALNUM, 32) + "_" + chars(HEX, 8),
    "Dynatrace token": "dt0" + "c01." + chars(UPPER, 24) + "." + chars(UPPER, 64),
    "Linear key": "lin" + "_api_" + chars(ALNUM, 40),
    "Notion token": "nt" + "n_" + chars(ALNUM, 46),
    "Notion old token": "secret" + "_" + chars(ALNUM, 43),
    "Atlassian token": "AT" + "ATT3" + chars(URL64, 180) + "=" + chars(UPPER, 8),
    "Postman key": "PM" + "AK-" + chars(HEX, 24) + "-" + chars(HEX, 34),
    "Airtable token": "pa" + "t" + chars(ALNUM, 14) + "." + chars(HEX, 64),
    "Figma token": "fi" + "gd_" + chars(URL64, 40),
    "Contentful token": "CF" + "PAT-" + chars(URL64, 43),
    "Dropbox token": "s" + "l.u." + chars(URL64, 130),
    "Databricks token": "da" + "pi" + chars(HEX, 32) + "-2",
    "Vault token": "hv" + "s." + chars(URL64, 90),
    "Vault old token": "s" + "." + chars(ALNUM, 24),
    "Terraform Cloud token": chars(ALNUM, 14) + ".atlas" + "v1." + chars(URL64, 67),
    "Doppler token": "dp" + ".st.dev." + chars(ALNUM, 43),
    "Pulumi token": "pu" + "l-" + chars(HEX, 40),
    "Buildkite token": "bk" + "ua_" + chars(HEX, 40),
    "CircleCI token": "CC" + "IPAT_" + chars(ALNUM, 22) + "_" + chars(HEX, 40),
    "1Password token": "ops" + "_eyJ" + chars(URL64, 200),
    "age key": "AGE-SECRET" + "-KEY-1" + chars(UPPER, 58),
    "JSON web token": "ey" + "J" + chars(URL64, 33) + ".ey" + "J" + chars(URL64, 60) + "." + chars(URL64, 43),
    "bcrypt hash": "$2" + "b$12$" + chars(ALNUM + "./", 53),
    "htpasswd hash": "$ap" + "r1$" + chars(ALNUM, 8) + "$" + chars(ALNUM, 22),
    "crypt hash": "$6" + "$" + chars(ALNUM, 16) + "$" + chars(ALNUM + "./", 86),
    "argon2 hash": "$argon2" + "id$v=19$m=65536,t=3,p=4$" + chars(ALNUM, 22) + "$" + chars(ALNUM, 43),
    "Django hash": "pbkdf2" + "_sha256$600000$" + chars(ALNUM, 22) + "$" + chars(ALNUM, 43) + "=",
    "LDAP hash": "{SS" + "HA}" + chars(ALNUM, 32),
}

CONTEXTS: dict[str, Callable[[str], str]] = {
    "assignment": lambda secret: f'value = "{secret}"',
    "numbered line": lambda secret: f"  12 +| x = call('{secret}', 3)",
    "comment": lambda secret: f"    pass  # was {secret}, rotate it",
    "docstring": lambda secret: f'"""Use\n\n    {secret}\n"""',
    "address": lambda secret: f"https://example.org/hook?x={secret}&y=1",
    "log line": lambda secret: f"2024-05-01 12:00:01,123 ERROR call with {secret} failed: 401",
    "dictionary": lambda secret: f'{{"a": 1, "b": "{secret}", "c": 2}}',
    "environment": lambda secret: f"export X={secret}",
    "string with escapes": lambda secret: f'print("see\\n{secret}\\nand go")',
    "YAML": lambda secret: f"deploy:\n  with: {secret}\n",
    "file name": lambda secret: f"keys/{secret}.bak",
    "folder": lambda secret: f"keys/{secret}/a.py",
    "message": lambda secret: f"Remove {secret}\n\nIt was in the tree.",
    "bytes": lambda secret: f"x = [b'{secret}']",
}


def gone(text: str, *secrets: str) -> str:
    """Redact and hold what must hold for every text."""
    result = redact(text)
    for secret in secrets:
        assert secret not in result.text
    assert result.text.count("\n") == text.count("\n")
    assert len(result.text.splitlines()) == len(text.splitlines())
    assert result.removed
    assert all(f"[removed: {kind}]" in result.text for kind in result.removed)
    again = redact(result.text)
    assert (again.text, again.removed) == (result.text, ())
    return result.text


def stays(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_known_by_its_shape_leaves_from_everywhere(kind: str, context: str) -> None:
    token = TOKENS[kind]
    gone(CONTEXTS[context](token), token, token[len(token) // 2 :])


def test_every_published_shape_is_planted() -> None:
    planted = {kind for token in TOKENS.values() for kind in redact(f"x {token} y").removed}
    by_place = {"Azure key", "Azure shared access signature", "Slack webhook", "Discord webhook", "Teams webhook"}
    elsewhere = {"PayPal token", "Twilio token", "signed address"}
    assert {known.kind for known in FORMATS} - planted == by_place | elsewhere


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (
            f"https://hooks.slack.com/services/T{chars(UPPER, 8)}/B{chars(UPPER, 8)}/{chars(ALNUM, 24)}",
            chars(ALNUM, 24),
        ),
        (f"https://discord.com/api/webhooks/{'1' * 18}/{chars(URL64, 68)}", chars(URL64, 68)),
        (
            f"https://x.webhook.office.com/webhookb2/{chars(HEX, 36)}@{chars(HEX, 36)}/I/{chars(HEX, 32)}",
            chars(HEX, 32),
        ),
        (f"AccountName=a;AccountKey={chars(ALNUM, 86)}==;EndpointSuffix=core", chars(ALNUM, 86)),
        (f"Endpoint=sb://a/;SharedAccessKeyName=r;SharedAccessKey={chars(ALNUM, 43)}=", chars(ALNUM, 43)),
        (f"https://a.blob.core.windows.net/c?sv=2024&sig={chars(ALNUM, 43)}%3D&se=1", chars(ALNUM, 43)),
        (f"access_token$production${chars(LOWER, 16)}${chars(HEX, 32)}", chars(HEX, 32)),
        (f"https://{chars(HEX, 32)}@o12.ingest.sentry.io/34", chars(HEX, 32)),
        (f"https://{chars(HEX, 32)}:{chars(HEX, 32, 8)}@sentry.io/34", chars(HEX, 32, 8)),
        (f"https://{chars(ALNUM, 40)}:x-oauth-basic@github.com/a/b", chars(ALNUM, 40)),
        ("https://bob:hunter2@example.org/a", "hunter2"),
        ("https://bob:h@nter@example.org/a", "h@nter"),
        ("postgresql://app:s3cr/et@db:5432/x", "s3cr/et"),
        ("mongodb+srv://app:geheim@cluster.example.org", "geheim"),
        ("redis://:geheim@localhost:6379/0", "geheim"),
        ("Server=db;Uid=sa;Pwd=hunter2;Encrypt=yes", "hunter2"),
        ('dsn = "host=db user=app password=hunter2 dbname=x"', "hunter2"),
        ("curl -u bob:hunter2 https://example.org", "hunter2"),
        ('run(["curl", "--user", "bob:hunter2", url])', "hunter2"),
        ("mysql -uroot -phunter2 shop", "hunter2"),
        ("sshpass -p hunter2 ssh host", "hunter2"),
        ("docker login -u bob -p hunter2 registry.example.org", "hunter2"),
        ("redis-cli -h db -a hunter2 ping", "hunter2"),
        ("tool --db-password hunter2 --verbose", "hunter2"),
        ("tool --api-key=abc123def --verbose", "abc123def"),
        ("PGPASSWORD=geheim psql -h db", "geheim"),
        ("docker run -e POSTGRES_PASSWORD=postgres db", "=postgres"),
        ("machine example.org login bob password hunter2", "hunter2"),
        ("machine example.org\n  login bob\n  password hunter2\n", "hunter2"),
        ("CREATE USER app IDENTIFIED BY 'hunter2'", "hunter2"),
        ("ALTER ROLE app WITH PASSWORD 'geheim'", "geheim"),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        (
            "Authorization: Basic " + base64.b64encode(b"bob:hunter2").decode(),
            base64.b64encode(b"bob:hunter2").decode(),
        ),
        ('headers["Authorization"] = "Token 8f2c11"', "8f2c11"),
        ('{"Proxy-Authorization": "Basic Ym9iOmh1bnRlcjI="}', "Ym9iOmh1bnRlcjI"),
        ("Cookie: theme=dark; sessionid=k3j4h5g6f7", "k3j4h5g6f7"),
        ("Set-Cookie: sid=k3j4h5g6f7; Path=/; HttpOnly", "k3j4h5g6f7"),
        ('cookies = {"sessionid": "k3j4h5g6f7d8s9a1"}', "k3j4h5g6f7d8s9a1"),
        ("X-Api-Key: 91fe02aa", "91fe02aa"),
        ("card 4111 1111 1111 1111 was declined", "1111 1111"),
        ("pan=5555555555554444", "5555555555554444"),
        ("amex = '3782-822463-10005'", "822463"),
        (f"client-key-data: {chars(ALNUM, 80)}", chars(ALNUM, 80)),
        (f"users:\n- user:\n    token: {chars(ALNUM, 40)}\n", chars(ALNUM, 40)),
        (f"HEROKU_API_KEY={'0a1b2c3d-1111-2222-3333-' + chars(HEX, 12)}", chars(HEX, 12)),
        (f"DD-API-KEY: {chars(HEX, 32)}", chars(HEX, 32)),
        (f'cloudflare_token = "{chars(URL64, 40)}"', chars(URL64, 40)),
        (f'{{"private_key_id": "{chars(HEX, 40)}"}}', chars(HEX, 40)),
        (f'client("{TOKENS["AWS access key id"]}", "{chars(ALNUM + "+/", 40)}")', chars(ALNUM + "+/", 40)),
        (f"aws_secret_access_key = {chars(ALNUM + '/', 40)}", chars(ALNUM + "/", 40)),
        ("<password>hunter2</password>", "hunter2"),
        ("<db:password>correct horse</db:password>", "correct"),
        ("the password is hunter2, tell nobody", "hunter2"),
        ("The password for the admin account was `hunter2`.", "hunter2"),
        ("# password for staging: hunter2", "hunter2"),
        ("password: |\r\n    hunter2\r\nuser: x", "hunter2"),
        ("docker login -p hunter2 registry.example.org", "hunter2"),
        ("redis-cli -a hunter2 ping", "hunter2"),
        ("**Password:** hunter2", "hunter2"),
        ("pw = 'geheim'", "geheim"),
        ("db_pw: str = 'geheim'", "geheim"),
        (f"{'password':<40}= 'geheim'", "geheim"),
        ("password: |\n    hunter2\nuser: x", "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2", "hunter2"),
        ('{"name": "DB_PASSWORD", "value": "geheim"}', "geheim"),
        ('{\n  "name": "DB_PASSWORD",\n  "value": "geheim"\n}', "geheim"),
        ('V1EnvVar(name="DB_PASSWORD", value="geheim")', "geheim"),
        ('<add key="DbPassword" value="geheim" />', "geheim"),
        ('os.environ.get(\n    "DB_PASSWORD",\n    "hunter2",\n)', "hunter2"),
        ('password: str = Field("hunter2", min_length=8)', "hunter2"),
        ('password: str = Field(\n    default="hunter2",\n)', "hunter2"),
        ('PASSWORDS = ["hunter2", "letmein9"]', "hunter2"),
        ('PASSWORDS = [\n    "hunter2",\n    "letmein9",\n]', "hunter2"),
        ('PASSWORDS = {\n    "bob": "hunter2",\n}', "hunter2"),
        ('user, password = "bob", "geheim"', "geheim"),
        ('requests.get(url, auth=("bob", "geheim"))', "geheim"),
        ("HTTPBasicAuth(user, 'geheim')", "geheim"),
        ('smtp.login("bob@example.org", "geheim")', "geheim"),
        ('jwt.encode(payload, "geheim", algorithm="HS256")', "geheim"),
        ('hmac.new(b"geheim", message, "sha256")', "geheim"),
        (f'Fernet(b"{chars(URL64, 43)}=")', chars(URL64, 43)),
        (f"https://b.s3.example.org/k?X-Amz-Signature={chars(HEX, 64)}", chars(HEX, 64)),
        (f"https://storage.example.org/b/k?Expires=1&Signature={chars(ALNUM, 40)}%3D", chars(ALNUM, 40)),
        (f'Client("AC{chars(HEX, 32)}", "{chars(HEX, 32, 8)}")', chars(HEX, 32, 8)),
    ],
)
def test_a_secret_known_by_its_place_leaves(text: str, secret: str) -> None:
    gone(text, secret)
    gone(f"  12 +| {text}".replace("\n", "\n  13 +| "), secret)
    gone(f"see the log:\n{text}", secret)


NAMES = [
    "password",
    "passwd",
    "PASSWORD",
    "db_password",
    "user_passwd",
    "secret",
    "client_secret",
    "SECRET_KEY",
    "api_key",
    "apikey",
    "apiKey",
    "API-KEY",
    "access_key",
    "private_key",
    "credential",
    "credentials",
    "passphrase",
    "auth_token",
    "accessToken",
    "token",
    "pwd",
    "webhookSecret",
]

ASSIGNED: dict[str, Callable[[str, str], str]] = {
    "assignment": lambda name, value: f'{name} = "{value}"',
    "annotated": lambda name, value: f"{name}: Optional[str] = '{value}'",
    "attribute": lambda name, value: f'self.{name} = "{value}"',
    "subscript": lambda name, value: f'os.environ["{name}"] = "{value}"',
    "dictionary": lambda name, value: f'{{"user": "bob", "{name}": "{value}"}}',
    "keyword": lambda name, value: f'connect(host, {name}="{value}", timeout=3)',
    "comparison": lambda name, value: f'if {name} != "{value}!x":',
    "environment": lambda name, value: f"export {name}={value}",
    "YAML": lambda name, value: f"db:\n  {name}: {value}\n",
    "JSON in a string": lambda name, value: f'body = "{{\\"{name}\\": \\"{value}\\"}}"',
    "query": lambda name, value: f"GET /x?{name}={value}&page=2 HTTP/1.1",
    "comment": lambda name, value: f"x = 1  # {name}: {value}",
    "comment with sign": lambda name, value: f"# {name}={value}",
    "log": lambda name, value: f"12:00:01 INFO connecting {name}={value} host=db",
    "message": lambda name, value: f'log.info("connecting {name}={value} host=db")',
    "several lines": lambda name, value: f'{name} = (\n    "{value[:4]}"\n    "{value[4:]}"\n)',
    "pieces": lambda name, value: f'{name} = "{value[:4]}" + "{value[4:]}"',
    "backslash": lambda name, value: f'{name} = "{value[:4]}" \\\n    "{value[4:]}"',
    "formatted": lambda name, value: f'{name} = f"{value}{{suffix}}"',
    "default": lambda name, value: f'{name} = os.environ.get("X", "{value}")',
    "or": lambda name, value: f'{name} = given or "{value}"',
    "argument": lambda name, value: f'os.getenv("{name}", "{value}")',
    "triple": lambda name, value: f'{name} = """{value}"""',
    "bytes": lambda name, value: f"{name} = b'{value}'",
    "not closed": lambda name, value: f'{name} = "{value}',
    "TOML": lambda name, value: f'[db]\n{name} = "{value}"',
    "hash rocket": lambda name, value: f"'{name}' => '{value}'",
    "setter": lambda name, value: f'obj.set_{name}("{value}")',
}


@pytest.mark.parametrize("context", ASSIGNED)
@pytest.mark.parametrize("name", NAMES)
def test_a_value_beside_the_name_of_a_secret_leaves(name: str, context: str) -> None:
    value = "Tr0ub4dor&3x"[:8] + "q9Zk"
    text = ASSIGNED[context](name, value)
    result = gone(text, value, value[:4], value[4:])
    assert name in result
    if context in ("assignment", "several lines"):
        numbered = "\n".join(f"{at:4} +| {line}" for at, line in enumerate(text.split("\n"), 9))
        shown = gone(numbered, value, value[:4], value[4:])
        assert [line[:8] for line in shown.split("\n")] == [line[:8] for line in numbered.split("\n")]


@given(st.text(ALNUM, min_size=6, max_size=60), st.sampled_from(sorted(ASSIGNED)))
def test_any_password_with_digits_leaves(value: str, context: str) -> None:
    value = f"q7{value}Z4"
    redacted = redact(ASSIGNED[context]("password", value)).text
    assert value not in redacted
    assert value[6:] not in redacted
    assert redact(redacted).text == redacted


def test_an_ordinary_word_is_a_password_too() -> None:
    assert redact('password = "letmein"').text == 'password = "[removed: password]"'
    assert redact('"password": "correct horse battery staple"').removed == ("password",)


SEAMS: dict[str, str] = {
    "in a row": '" "',
    "in lines": '"\n    "',
    "added": '" + "',
    "added in lines": '"\n    + b"',
    "continued": '" \\\n    f"',
}


@pytest.mark.parametrize("seam", SEAMS)
@pytest.mark.parametrize("kind", ["GitHub classic token", "JSON web token", "Anthropic key", "Slack bot token"])
def test_a_token_in_pieces_leaves_whatever_it_is_called(kind: str, seam: str) -> None:
    token = TOKENS[kind]
    pieces = token[: len(token) // 2], token[len(token) // 2 :]
    text = f'x = ("{SEAMS[seam].join(pieces)}", 1)\nafter = 1'
    gone(text, pieces[0][8:], pieces[1])
    gone("\n".join(f"{at:4} +| {line}" for at, line in enumerate(text.split("\n"), 9)), pieces[0][8:], pieces[1])


@pytest.mark.parametrize(
    "inner",
    [
        TOKENS["GitHub classic token"],
        "bob@example.org:correct-horse",
        "postgresql://app:geheim@db/shop",
        '{"user": "bob", "password": "geheim"}',
    ],
)
def test_a_secret_that_is_encoded_leaves(inner: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(inner.encode()).decode()
        assert gone(f'x = decode("{encoded}")', encoded.rstrip("=")) == 'x = decode("[removed: encoded secret]")'


def body(lines: int) -> list[str]:
    return [chars(ALNUM + "+/", 64, seed) for seed in range(lines)] + [chars(ALNUM, 22) + "=="]


@pytest.mark.parametrize("label", ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
def test_private_keys_leave_over_all_their_lines(label: str) -> None:
    lines = body(6)
    begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
    block = "\n".join([begin, *lines, end])
    shapes = [
        f'KEY = """{block}\n"""\nafter = 1',
        "\n".join(f"{at:4} +| {line}" for at, line in enumerate(f'KEY = """{block}"""\nafter = 1'.split("\n"), 8)),
        "KEY = (\n" + "\n".join(f'    "{line}\\n"' for line in [begin, *lines, end]) + "\n)\nafter = 1",
        '{"private_key": "' + "\\n".join([begin, *lines, end]) + '\\n", "x": 1}\nafter = 1',
        "\n".join(f"# {line}" for line in [begin, *lines, end]) + "\nafter = 1",
        "\n".join([begin, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,AB12", "", *lines, end]) + "\nafter = 1",
        "\n".join([begin, *lines]) + "\nafter = 1",
        "\n".join([*lines, end]) + "\nafter = 1",
    ]
    for text in shapes:
        result = gone(text, *lines)
        assert result.endswith("after = 1")
        assert "END" not in result


def test_a_pgp_private_block_and_a_putty_key_leave() -> None:
    lines = body(4)
    gone(
        "\n".join(
            [
                "-----BEGIN PGP PRIVATE KEY BLOCK-----",
                "Version: GnuPG v2",
                "",
                *lines,
                "=aB3d",
                "-----END PGP PRIVATE KEY BLOCK-----",
            ]
        ),
        *lines,
    )
    gone("\n".join(["Public-Lines: 2", "x", "Private-Lines: 4", *lines]), *lines)


@pytest.mark.parametrize(
    "text",
    [
        'password = ""',
        "password = None",
        "password = 'changeme'",
        'password = "***"',
        'password = "xxxxxx"',
        'password = os.environ["DB_PASSWORD"]',
        'api_key = os.getenv("API_KEY")',
        'api_key = "<your-key>"',
        'api_key = "your-api-key-here"',
        'api_key = "${API_KEY}"',
        'api_key = "{api_key}"',
        'api_key = f"{prefix}{key}"',
        'url = f"postgres://{user}:{password}@{host}/db"',
        'url = "postgres://%s:%s@%s/db" % (user, password, host)',
        "url: postgres://$USER:$PASSWORD@db/x",
        "git clone git@github.com:a/b.git",
        "ssh://git@github.com/a/b",
        "docker run -u 1000:1000 image",
        "login(user, password=password)",
        "    password=password",
        "token = get_token(request)",
        "token = self.tokens[index]",
        "secret = settings.SECRET",
        "def login(user: str, password: str, token: Token | None = None) -> None:",
        "password: SecretStr",
        "password: str = Field(min_length=8)",
        'PASSWORD_FIELD = "password"',
        'token_url = "https://example.org/oauth/token"',
        'parser.add_argument("--token", "-t", help="The token to use")',
        'raise ValueError("Invalid token: expected a name")',
        '"""password: The password of the user."""',
        '"password": "The password is wrong."',
        'input("Enter password: ")',
        'if token == "def":',
        "max_tokens = 4096",
        "max_tokens: 4096",
        'token_type = "bearer"',
        'Authorization: f"Bearer {token}"',
        'headers = {"Authorization": f"Bearer {token}"}',
        "The Authorization: Bearer header is required",
        'private_key = "/etc/ssl/private/server.pem"',
        'private_key = "server.key"',
        'if key.startswith("-----BEGIN RSA PRIVATE KEY-----"):',
        "Fix 3f786850e387550fdab836ed7e6dc881de23001b",
        f'"sha256": "{chars(HEX, 64)}"',
        f"    --hash=sha256:{chars(HEX, 64)}",
        f"job 123e4567-e89b-12d3-a456-{chars(HEX, 12)} failed",
        "order = 4111111111111112",
        "timestamp = 1700000000000",
        '__all__ = ["BasicAuth", "FunctionAuth", "NetRCAuthentication"]',
        'cache_key = "users:by-name:sorted"',
        "else:\n    pass\n\nx = 'abc12345'",
        "Pass `check=True`, or compare the return code.",
        "task-abcdefghijklmnopqrstuvwx",
        "The wire format is <len>:<subkey>[,<len>:<subkey>...]\n\nReturns:\n    A list.",
        "(?P<password>[a-z]+)(?P<secret>[0-9]+)",
        "The password of the user is required, and that for admins is longer.",
        "The token for the next page is None where there is none: see next_page",
        '_unquote(password, encoding="utf-8") if sep else None',
        "tokens = {\n    'root': [\n        ('uint8', 'uint16', 'uint32'),\n    ],\n}",
        'V1EnvVar(name="DB_HOST", value="db9.example.org")',
        "login(username, password)",
        f'x = decode("{base64.b64encode(b"This is a text that holds nothing at all.").decode()}")',
        'password = [\n    "too short",\n    "too long",\n]',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    stays(text)
    stays(f"  7  | {text}".replace("\n", "\n  8  | "))


def test_names_quotes_and_line_numbers_stay() -> None:
    text = '  12  | def connect():\n  13 +|     return open_db("db", password="hunter2", retries=3)\n'
    assert redact(text).text == (
        '  12  | def connect():\n  13 +|     return open_db("db", password="[removed: password]", retries=3)\n'
    )


def test_kinds_are_told_in_the_order_of_the_text() -> None:
    text = f"a = '{TOKENS['npm token']}'\npassword = 'hunter2'\nb = '{TOKENS['Linear key']}'"
    assert redact(text).removed == ("npm token", "password", "Linear key")


def test_a_forged_marker_protects_nothing() -> None:
    gone(f"[removed: {TOKENS['npm token']}]", TOKENS["npm token"])
    gone('password = "[removed: password]hunter2"', "hunter2")


@given(st.text())
def test_any_text_keeps_its_lines_and_is_redacted_once(text: str) -> None:
    result = redact(text)
    assert len(result.text.splitlines()) == len(text.splitlines())
    assert redact(result.text) == type(result)(result.text, ())


PARTS = st.sampled_from(
    [
        *(
            "password",
            "token",
            "secret",
            '"',
            "'",
            "=",
            ":",
            " ",
            "\n",
            "\\",
            "\\n",
            "{",
            "}",
            "(",
            ")",
            "#",
            "`",
            ",",
            "://",
            "@",
            "&",
        ),
        *(
            '"""',
            "hunter2",
            "Bearer ",
            "Authorization",
            "Cookie: ",
            "a=b; ",
            "-----BEGIN PRIVATE KEY-----",
            "\n 12 | ",
            " -p",
            "--",
            "<",
            ">",
        ),
        *(
            "[removed: password]",
            "[removed: token]",
            "-----END PRIVATE KEY-----",
            "login x password ",
            chars(ALNUM, 40),
            "+",
            "f",
            "\u2028",
            "\r",
            "é",
            "name: ",
            "value: ",
            "|\n  ",
            "auth=(a, ",
            "[",
            base64.b64encode(b"password=hunter2hunter2").decode(),
        ),
        TOKENS["GitHub classic token"],
        TOKENS["JSON web token"],
    ]
)


@given(st.lists(PARTS, max_size=25).map("".join))
def test_broken_pieces_of_everything_are_redacted_once(text: str) -> None:
    result = redact(text)
    assert len(result.text.splitlines()) == len(text.splitlines())
    assert TOKENS["GitHub classic token"] not in result.text
    assert redact(result.text).text == result.text


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "password",
            "password=",
            'password="',
            "password='\\\"",
            "password : ",
            "token=a ",
            "token:\n",
            "secret = (",
            "-----BEGIN PRIVATE KEY-----",
        ),
        *(
            "eyJ",
            "eyJ.",
            "eyJaaaaaaaa.",
            "ghp_",
            "sk-ant-",
            "://a:",
            "://",
            "a@",
            "@",
            "4111 ",
            "4",
            "0" * 33 + "-",
            "AKIA",
            "$2b$",
            "\\n",
            '"""\\',
            '"\\',
        ),
        *(
            "Cookie: a=",
            "a=b;",
            "Authorization: ",
            "bearer ",
            "mysql -x ",
            "login a ",
            "curl -u ",
            "12 | ",
            "\n1 | ",
            "[removed: ",
            "a",
            " ",
            "\n",
            "\0",
        ),
        *(
            "{",
            "${",
            "${a",
            "<a",
            "MA.",
            "s.",
            "-----END PRIVATE KEY-----",
            "Private-Lines: 1\n",
            "A" * 16 + "\n",
            "key_" * 10,
            "é",
            "password\u0130",
        ),
        *(
            "identified by ",
            "login x password y ",
            "redis -b ",
            "1//0",
            "hooks.slack.com/services/",
            "Key=",
            "?sig=",
            "= (\n",
            "pass ",
            "-us1",
        ),
        *(
            "a' 'a",
            "a' +\n",
            "name: password\n value: ",
            "a, password = ",
            "password = [\n",
            "auth=(a, ",
            "x: |\n  ",
            "QUJD" * 8 + " ",
            "?Signature=",
            "password of ",
            "password of a a a",
        ),
        *(
            'f"{a}',
            "password=f'{a",
            "password='a' ",
            "password='a' + \\\n",
            "sshpass ",
            "key-",
            "SK",
            "EAA",
            "token is ",
            "--token ",
        ),
    ],
)
def test_time_grows_with_the_text_alone(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 10  # a search over all pairs of places takes minutes
