"""How secrets look that are known by their shape, one row for each kind that a provider publishes.

Every row was written from what its provider (or GitHub's list of formats) says about the shape: fixed beginnings,
alphabets, lengths. A length that differs between versions is taken as the least of them. Nothing here is judged by
randomness; what is secret only for the name it stands beside is found elsewhere.

Sources, by block:
    https://docs.github.com/code-security/reference/secret-security/supported-secret-scanning-patterns
    https://docs.gitlab.com/security/tokens/ and the page on tokens of each provider named in `kind`
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (prefixes of unique ids)
    https://api.slack.com/concepts/token-types, https://docs.stripe.com/keys
    https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
    RFC 7519 (JWT), RFC 7468 (PEM), https://man.openbsd.org/crypt and passlib's list of hash formats
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """One shape.

    Attributes:
        kind: the words that stand in the place of what was removed.
        sign: characters that every such secret holds; a text without them is not searched.
        pattern: the shape. A group named `s` is what is removed, else the whole match. No pattern may look further
            than a fixed number of characters before it fails, so that a search takes time linear in the text.
    """

    kind: str
    sign: str
    pattern: re.Pattern[str]


def _word(beginning: str, glued: str = r"[A-Za-z0-9]") -> str:
    r"""A beginning that follows no character of a word; the letter of an escape such as `\n` belongs to none.

    The look back stands behind the beginning, for a pattern is found fast by the characters that it begins with.
    """
    return rf"{beginning}(?:(?<!{glued}{beginning})|(?<=\\[nrt]{beginning}))"


_LETTER = r"[A-Za-z]"
_EDGE = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Where a word begins, for what has no fixed beginning."""
_B64URL = r"[A-Za-z0-9_-]"
_ALNUM = r"[A-Za-z0-9]"
_HEX = r"[0-9a-f]"
_PADDED = r"[A-Za-z0-9+/=_-]"

# kind, sign, pattern. A beginning that occurs in no ordinary word needs no edge.
_TABLE: tuple[tuple[str, str, str], ...] = (
    # code hosts and registries
    ("GitHub token", "gh", rf"gh[pousr]_{_ALNUM}{{30,255}}"),
    ("GitHub fine-grained token", "github_pat_", r"github_pat_\w{22,255}"),
    ("GitLab token", "gl", rf"gl(?:pat|dt|ptt|ft|soat|rt|rtr|cbt|imt|agent|oas|ffct|wt)-{_B64URL}{{20,255}}"),
    ("Bitbucket app password", "ATBB", rf"ATBB{_ALNUM}{{24,255}}"),
    ("npm token", "npm_", rf"npm_{_ALNUM}{{36}}"),
    ("PyPI token", "pypi-Ag", rf"pypi-Ag{_B64URL}{{40,255}}"),
    ("RubyGems token", "rubygems_", rf"rubygems_{_HEX}{{48}}"),
    ("Docker Hub token", "dckr_", rf"dckr_(?:pat|oat)_{_B64URL}{{20,255}}"),
    ("Artifactory token", "AKCp", rf"{_word('AKCp')}{_ALNUM}{{60,100}}"),
    # clouds
    (
        "AWS access key id",
        "A",
        rf"A(?:KIA|SIA|BIA|CCA)(?:(?<![A-Za-z0-9]A...)|(?<=\\[nrt]A...))[A-Z0-9]{{16}}(?!{_ALNUM})",
    ),
    ("AWS Bedrock key", "ABSK", rf"{_word('ABSK')}{_PADDED}{{80,255}}"),
    ("Google API key", "AIza", rf"AIza{_B64URL}{{35}}"),
    ("Google OAuth client secret", "GOCSPX-", rf"GOCSPX-{_B64URL}{{20,64}}"),
    ("Google OAuth token", "ya29.", rf"ya29\.{_B64URL}{{20,255}}"),
    ("Google refresh token", "1//0", rf"(?<![0-9])1//0{_B64URL}{{30,255}}"),
    ("Azure storage key", "==", rf"{_EDGE}[A-Za-z0-9+/]{{86}}==(?![A-Za-z0-9+=])"),
    (
        "Azure key",
        "Key=",
        r"(?:Account|SharedAccess|Access|Primary|Secondary)Key=(?P<s>[A-Za-z0-9+/]{20,255}={0,2})",
    ),
    ("Azure shared access signature", "sig=", r"[?&;]sig=(?P<s>[A-Za-z0-9%+/=_-]{20,255})"),
    (
        "signed address",
        "ignature=",
        r"[?&;](?:X-(?:Amz|Goog)-)?Signature=(?P<s>[A-Za-z0-9%+/=_-]{16,1024})",
    ),
    (
        "Azure client secret",
        "Q~",
        rf"{_EDGE}[A-Za-z0-9_~.-]{{3}}[0-9]Q~[A-Za-z0-9_~.-]{{31,40}}",
    ),
    ("Azure DevOps token", "JQQJ99", rf"{_EDGE}{_ALNUM}{{52}}JQQJ99{_ALNUM}{{20,64}}"),
    ("DigitalOcean token", "_v1_", rf"do[oprs]_v1_{_HEX}{{64}}"),
    ("Cloudflare token", "cf", rf"{_word('cf')}(?:ut|at|k|pat)_{_B64URL}{{37,128}}"),
    ("Cloudflare origin key", "v1.0-", rf"v1\.0-{_HEX}{{24}}-{_HEX}{{100,255}}"),
    ("Heroku key", "HRKU-", rf"HRKU-{_B64URL}{{36,128}}"),
    ("Alibaba access key id", "LTAI", rf"{_word('LTAI')}{_ALNUM}{{16,26}}(?!{_ALNUM})"),
    ("Fly token", "fm2_", rf"fm2_{_PADDED}{{40,255}}"),
    ("Netlify token", "nfp_", rf"{_word('nfp_')}{_ALNUM}{{36,64}}"),
    ("Vercel token", "vc", rf"{_word('vc')}[apirk]_{_ALNUM}{{24,128}}"),
    ("Supabase token", "sbp_", rf"sbp_(?:oauth_|v0_)?{_HEX}{{40}}"),
    ("Supabase secret key", "sb_secret_", rf"sb_secret_{_B64URL}{{20,128}}"),
    ("PlanetScale token", "pscale_", rf"pscale_(?:tkn|pw|oauth)_{_B64URL}{{32,128}}"),
    ("Tailscale key", "tskey-", rf"tskey-[a-z]{{2,12}}-{_B64URL}{{20,128}}"),
    # models
    ("Anthropic key", "sk-ant-", rf"sk-ant-{_B64URL}{{20,255}}"),
    ("OpenRouter key", "sk-or-", rf"sk-or-(?:v1-)?{_B64URL}{{40,128}}"),
    ("OpenAI key", "sk-", rf"{_word('sk-', _LETTER)}(?:proj|svcacct|admin|None)-{_B64URL}{{20,255}}"),
    ("OpenAI key", "sk-", rf"{_word('sk-')}{_ALNUM}{{20,255}}"),
    ("Hugging Face token", "hf_", rf"{_word('hf_')}{_ALNUM}{{30,64}}"),
    ("Hugging Face token", "api_org_", rf"api_org_{_ALNUM}{{30,64}}"),
    ("Groq key", "gsk_", rf"{_word('gsk_')}{_ALNUM}{{40,128}}"),
    ("xAI key", "xai-", rf"{_word('xai-')}{_ALNUM}{{60,128}}"),
    ("Replicate token", "r8_", rf"{_word('r8_')}{_ALNUM}{{37}}"),
    ("Perplexity key", "pplx-", rf"pplx-{_ALNUM}{{40,64}}"),
    ("LangSmith key", "lsv2_", rf"lsv2_(?:pt|sk)_{_HEX}{{32}}_{_HEX}{{10}}"),
    # messages and mail
    ("Slack token", "xox", r"xox[abeoprsc][-.][A-Za-z0-9.-]{10,255}"),
    ("Slack token", "xapp-", r"xapp-[0-9]-[A-Za-z0-9-]{10,255}"),
    (
        "Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_+-]{20,255})",
    ),
    ("Discord webhook", "/api/webhooks/", rf"/api/webhooks/[0-9]{{10,24}}/(?P<s>{_B64URL}{{30,128}})"),
    (
        "Discord bot token",
        ".",
        rf"[MNO](?:(?<![A-Za-z0-9_-].)|(?<=\\[nrt].)){_B64URL}{{23,27}}\.{_B64URL}{{6}}\.{_B64URL}{{27,64}}",
    ),
    ("Teams webhook", "webhook.office.com", r"webhook\.office\.com/webhookb2/(?P<s>[A-Za-z0-9@/_-]{40,255})"),
    ("Telegram bot token", ":AA", rf"(?<![0-9])[0-9]{{8,12}}:AA{_B64URL}{{32,40}}"),
    ("SendGrid key", "SG.", rf"{_word('SG', _LETTER)}\.{_B64URL}{{16,32}}\.{_B64URL}{{32,64}}"),
    ("Mailgun key", "key-", rf"{_word('key-')}{_HEX}{{32}}"),
    ("Mailgun key", "-", rf"(?<![0-9a-f-]){_HEX}{{32}}-{_HEX}{{8}}-{_HEX}{{8}}(?![0-9A-Za-z-])"),
    ("Mailchimp key", "-us", rf"(?<![0-9a-f-]){_HEX}{{32}}-us[0-9]{{1,2}}(?![0-9A-Za-z])"),
    ("Twilio token", "AC", rf"AC{_HEX}{{32}}\\?[\"'],\s{{0,40}}\\?[\"'](?P<s>{_HEX}{{32}})(?!{_ALNUM})"),
    ("Twilio key", "SK", rf"{_word('SK', _LETTER)}{_HEX}{{32}}(?!{_ALNUM})"),
    # money and shops
    ("Stripe key", "k_", rf"[sr]k_(?:(?<![A-Za-z].k_)|(?<=\\[nrt].k_))(?:live|test|prod)_{_ALNUM}{{10,255}}"),
    ("Stripe webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{20,128}"),
    ("Shopify token", "shp", r"shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}"),
    ("Square token", "sq0", rf"sq0[a-z]{{3}}-{_B64URL}{{22,64}}"),
    ("Square token", "EAAA", rf"{_word('EAAA')}{_B64URL}{{50,128}}"),
    ("PayPal token", "access_token$", rf"access_token\$(?:production|sandbox)\$[0-9a-z]{{12,20}}\${_HEX}{{32}}"),
    ("Facebook token", "EAA", rf"{_word('EAA')}{_ALNUM}{{80,255}}"),
    # watching
    ("Datadog key", "ddapp_", rf"ddapp_{_ALNUM}{{30,64}}"),
    ("New Relic key", "NR", rf"{_word('NR')}(?:AK|JS|II|RA|BR|SP)-{_B64URL}{{19,64}}"),
    ("New Relic key", "NRAL", rf"{_EDGE}{_ALNUM}{{36}}NRAL"),
    ("Sentry token", "sntry", rf"sntry[su]_{_PADDED}{{20,255}}"),
    ("Grafana token", "gl", rf"{_word('gl')}(?:sa|c)_{_PADDED}{{32,255}}"),
    ("Dynatrace token", "dt0", rf"dt0[a-z][0-9]{{2}}\.{_ALNUM}{{24}}\.{_ALNUM}{{64}}"),
    # work
    ("Linear key", "lin_", rf"lin_(?:api|oauth)_{_ALNUM}{{32,128}}"),
    ("Notion token", "ntn_", rf"{_word('ntn_')}{_ALNUM}{{40,64}}"),
    ("Notion token", "secret_", rf"{_word('secret_')}{_ALNUM}{{43}}(?!{_ALNUM})"),
    ("Atlassian token", "AT", rf"AT[AC]TT3{_PADDED}{{50,255}}"),
    ("Postman key", "PMAK-", rf"PMAK-{_HEX}{{24}}-{_HEX}{{34}}"),
    ("Airtable token", "pat", rf"{_word('pat')}{_ALNUM}{{14}}\.{_HEX}{{64}}"),
    ("Figma token", "figd_", rf"figd_{_B64URL}{{38,64}}"),
    ("Contentful token", "CFPAT-", rf"CFPAT-{_B64URL}{{40,64}}"),
    ("Dropbox token", "sl.", rf"{_word('sl')}\.(?:u\.)?{_B64URL}{{100,255}}"),
    # building and secrets
    ("Databricks token", "dapi", rf"{_word('dapi', _LETTER)}{_HEX}{{32}}(?:-[0-9])?"),
    ("Vault token", "hv", rf"{_word('hv')}[sbr]\.{_B64URL}{{20,255}}"),
    (
        "Vault token",
        "s.",
        rf"{_word('s', '[A-Za-z0-9_.-]')}\.(?=[A-Za-z]{{0,23}}[0-9]){_ALNUM}{{24}}(?![A-Za-z0-9_(-])",
    ),
    ("Terraform Cloud token", ".atlasv1.", rf"{_EDGE}{_ALNUM}{{14}}\.atlasv1\.{_PADDED}{{60,128}}"),
    ("Doppler token", "dp.", rf"{_word('dp')}\.(?:pt|st|sa|ct|scim|audit)\.[A-Za-z0-9_.-]{{30,128}}"),
    ("Pulumi token", "pul-", rf"{_word('pul-')}{_HEX}{{40}}"),
    ("Buildkite token", "bkua_", rf"bkua_{_HEX}{{40}}"),
    ("CircleCI token", "CCIPAT_", rf"CCIPAT_{_ALNUM}{{20,40}}_{_HEX}{{40}}"),
    ("1Password token", "ops_eyJ", rf"ops_eyJ{_PADDED}{{60,255}}"),
    ("age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{40,64}"),
    # of no provider
    ("JSON web token", "eyJ", rf"{_word('eyJ', '[A-Za-z0-9_-]')}{_B64URL}{{8,}}+\.{_B64URL}{{8,}}+\.{_B64URL}*+"),
    (
        "password hash",
        "$",
        r"\$(?:apr1|1|2[abxy]|5|6|7|y|gy|argon2id|argon2i|argon2d|scrypt|pbkdf2[a-z0-9-]{0,10})"
        r"\$[A-Za-z0-9./$=,+-]{20,255}",
    ),
    (
        "password hash",
        "$",
        r"(?:pbkdf2_sha(?:1|256)|bcrypt(?:_sha256)?|argon2|scrypt)\$[A-Za-z0-9./$=,+-]{20,255}",
    ),
    ("password hash", "}", r"\{(?:SHA|SSHA|SMD5|SSHA256|SSHA512)\}[A-Za-z0-9+/]{20,128}={0,2}"),
)

FORMATS: tuple[Format, ...] = tuple(Format(kind, sign, re.compile(pattern)) for kind, sign, pattern in _TABLE)
"""Every known shape, the narrower before the wider where two share a beginning."""
