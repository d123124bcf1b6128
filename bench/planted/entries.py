# ruff: noqa: E501  (a row of a table is a line)
"""Names and what stands beside them in settings of every format: secrets, look-alikes, and what is plainly neither."""

from random import Random

SECRET = """
DATABASE_URL postgres://shop:«plain-password»@«~host»:5432/«~thing»
DATABASE_URL mysql://«~user»:«db-password|url»@«~ip»:3306/«~thing»
REPLICA_URL postgresql://readonly:«plain-password»@«~host»/«~thing»?sslmode=require
MONGODB_URI mongodb+srv://«~user»:«plain-password»@cluster0.«~id».mongodb.example.net/«~thing»
REDIS_URL redis://:«plain-password»@«~host»:6379/0
RABBITMQ_URL amqp://«~user»:«plain-password»@«~host»:5672/%2F
CELERY_BROKER_URL amqps://worker:«plain-password»@«~host»/«~thing»
ELASTICSEARCH_URL https://elastic:«basic-auth-password»@«~host»:9200
SQLALCHEMY_DATABASE_URI mysql+pymysql://«~user»:«db-password|url»@«~host»/«~thing»
CLICKHOUSE_DSN clickhouse://default:«plain-password»@«~host»:9000/«~thing»
JDBC_URL jdbc:postgresql://«~host»:5432/«~thing»?user=app&password=«plain-password»
PROXY_URL http://«~user»:«basic-auth-password»@proxy.«~host»:3128
SENTRY_RELAY_URL https://«~user»:«basic-auth-password»@«~host»/hooks
DB_PASSWORD «db-password»
DB_PASSWORD «db-password»
DB_PASS «password»
POSTGRES_PASSWORD «db-password»
MYSQL_ROOT_PASSWORD «db-password»
MYSQL_PASSWORD «password»
MSSQL_SA_PASSWORD «db-password»
REDIS_PASSWORD «plain-password»
MONGO_INITDB_ROOT_PASSWORD «db-password»
ADMIN_PASSWORD «admin-password»
GRAFANA_ADMIN_PASSWORD «admin-password»
LDAP_BIND_PASSWORD «ldap-password»
SMTP_PASSWORD «smtp-password»
MAIL_PASSWORD «smtp-password»
FTP_PASSWORD «password»
KEYSTORE_PASSWORD «keystore-password»
RABBITMQ_DEFAULT_PASS «password»
SNOWFLAKE_PASSWORD «snowflake-password»
ORACLE_PWD «db-password»
API_KEY «api-token»
API_TOKEN «bearer-token»
INTERNAL_API_KEY «hex-token»
SERVICE_TOKEN «jwt»
ACCESS_TOKEN «bearer-token»
WEBHOOK_SECRET «short-hex-token»
PARTNER_API_SECRET «signing-secret»
JWT_SECRET «hex-token»
JWT_SECRET «long-signing-secret»
SESSION_SECRET «signing-secret»
COOKIE_SECRET «short-hex-token»
ENCRYPTION_KEY «hex-token»
AUTH_SECRET «signing-secret»
NEXTAUTH_SECRET «signing-secret»
SECRET_KEY «django-secret-key»
DJANGO_SECRET_KEY «django-secret-key»
SECRET_KEY_BASE «rails-secret-key-base»
RAILS_MASTER_KEY «rails-master-key»
APP_KEY «laravel-key»
FERNET_KEY «fernet-key»
OAUTH_CLIENT_SECRET «oauth-client-secret»
OIDC_CLIENT_SECRET «oauth-client-secret»
KEYCLOAK_CLIENT_SECRET «uuid-secret»
AUTH0_CLIENT_SECRET «auth0-client-secret»
OKTA_API_TOKEN «okta-token»
GOOGLE_CLIENT_SECRET «google-oauth-client-secret»
GOOGLE_MAPS_API_KEY «gcp-api-key»
GEMINI_API_KEY «gcp-api-key»
AZURE_CLIENT_SECRET «azure-client-secret»
AZURE_STORAGE_KEY «azure-storage-key»
AZURE_STORAGE_CONNECTION_STRING DefaultEndpointsProtocol=https;AccountName=acme«~word»;AccountKey=«azure-storage-key»;EndpointSuffix=core.example.net
AZURE_DEVOPS_EXT_PAT «azure-devops-token»
SERVICE_BUS_CONNECTION Endpoint=sb://«~host»/;SharedAccessKeyName=Root;SharedAccessKey=«signing-secret»
DIGITALOCEAN_TOKEN «digitalocean-token»
CLOUDFLARE_API_TOKEN «cloudflare-token»
CLOUDFLARE_API_KEY «cloudflare-global-key»
HEROKU_API_KEY «heroku-api-key»
VERCEL_TOKEN «vercel-token»
NETLIFY_AUTH_TOKEN «netlify-token»
FLY_API_TOKEN «fly-token»
LINODE_TOKEN «linode-token»
HCLOUD_TOKEN «hetzner-token»
PULUMI_ACCESS_TOKEN «pulumi-token»
TFE_TOKEN «terraform-cloud-token»
VAULT_TOKEN «vault-token»
VAULT_TOKEN «vault-legacy-token»
DOPPLER_TOKEN «doppler-token»
GITHUB_TOKEN «github-token»
GH_TOKEN «github-fine»
GITHUB_PAT «github-fine»
GITLAB_TOKEN «gitlab-token»
CI_DEPLOY_TOKEN «gitlab-deploy»
BITBUCKET_APP_PASSWORD «bitbucket-password»
JIRA_API_TOKEN «atlassian-token»
GITEA_TOKEN «gitea-token»
CIRCLE_TOKEN «circleci-token»
BUILDKITE_API_TOKEN «buildkite-token»
SONAR_TOKEN «sonar-token»
SLACK_BOT_TOKEN «slack-bot»
SLACK_USER_TOKEN «slack-user»
SLACK_APP_TOKEN «slack-app»
SLACK_WEBHOOK_URL «slack-webhook»
SLACK_SIGNING_SECRET «short-hex-token»
DISCORD_TOKEN «discord-bot»
DISCORD_WEBHOOK «discord-webhook»
TELEGRAM_BOT_TOKEN «telegram-bot»
TEAMS_WEBHOOK_URL «teams-webhook»
STRIPE_SECRET_KEY «stripe-live»
STRIPE_SECRET_KEY «stripe-short»
STRIPE_API_KEY «stripe-restricted»
STRIPE_TEST_KEY «stripe-test»
STRIPE_WEBHOOK_SECRET «stripe-webhook»
SQUARE_ACCESS_TOKEN «square-token»
SHOPIFY_ACCESS_TOKEN «shopify-token»
PAYPAL_CLIENT_SECRET «paypal-secret»
BRAINTREE_PRIVATE_KEY «braintree-key»
SENDGRID_API_KEY «sendgrid-key»
MAILGUN_API_KEY «mailgun-key»
MAILCHIMP_API_KEY «mailchimp-key»
POSTMARK_SERVER_TOKEN «postmark-token»
RESEND_API_KEY «resend-key»
BREVO_API_KEY «brevo-key»
TWILIO_AUTH_TOKEN «twilio-auth-token»
TWILIO_API_SECRET «twilio-api-secret»
NPM_TOKEN «npm-token»
PYPI_TOKEN «pypi-token»
GEM_HOST_API_KEY «rubygems-key»
NUGET_API_KEY «nuget-key»
DOCKERHUB_TOKEN «docker-token»
CARGO_REGISTRY_TOKEN «crates-token»
ARTIFACTORY_API_KEY «artifactory-key»
ANTHROPIC_API_KEY «anthropic-key»
ANTHROPIC_API_KEY «anthropic-key»
OPENAI_API_KEY «openai-project»
OPENAI_API_KEY «openai-key»
HF_TOKEN «huggingface-token»
REPLICATE_API_TOKEN «replicate-token»
GROQ_API_KEY «groq-key»
MISTRAL_API_KEY «mistral-key»
COHERE_API_KEY «cohere-key»
OPENROUTER_API_KEY «openrouter-key»
PERPLEXITY_API_KEY «perplexity-key»
XAI_API_KEY «xai-key»
LANGSMITH_API_KEY «langsmith-key»
PINECONE_API_KEY «pinecone-key»
DD_API_KEY «datadog-api-key»
DD_APP_KEY «datadog-app-key»
NEW_RELIC_API_KEY «newrelic-key»
GRAFANA_TOKEN «grafana-token»
SENTRY_AUTH_TOKEN «sentry-token»
PAGERDUTY_TOKEN «pagerduty-key»
HONEYCOMB_API_KEY «honeycomb-key»
DYNATRACE_TOKEN «dynatrace-token»
DATABRICKS_TOKEN «databricks-token»
LINEAR_API_KEY «linear-key»
NOTION_TOKEN «notion-token»
AIRTABLE_TOKEN «airtable-token»
FIGMA_TOKEN «figma-token»
POSTMAN_API_KEY «postman-key»
ALGOLIA_ADMIN_KEY «algolia-admin-key»
MAPBOX_SECRET_TOKEN «mapbox-secret»
PLANETSCALE_PASSWORD «planetscale-password»
SUPABASE_SERVICE_ROLE_KEY «supabase-service-role»
SUPABASE_ACCESS_TOKEN «supabase-token»
LAUNCHDARKLY_SDK_KEY «launchdarkly-key»
NGROK_AUTHTOKEN «ngrok-token»
WANDB_API_KEY «wandb-key»
KAGGLE_KEY «kaggle-key»
SCW_SECRET_KEY «scaleway-secret»
AWS_SESSION_TOKEN «aws-session-token»
AWS_SECRET_ACCESS_KEY «aws-secret-access-key»
AWS_SECRET_ACCESS_KEY «aws-secret-access-key»
AWS_SECRET_ACCESS_KEY «aws-secret-access-key»
AWS_ACCESS_KEY_ID «aws-access-key-id»
TWILIO_AUTH_TOKEN «twilio-auth-token»
"""
LOOKALIKE = """
DB_PASSWORD «=ref:${DB_PASSWORD}»
API_KEY «=ref:${API_KEY:-}»
SECRET_KEY «=ref:$SECRET_KEY»
GITHUB_TOKEN «=ref:${GITHUB_TOKEN}»
ADMIN_PASSWORD «=ref:op://Private/admin/password»
STRIPE_SECRET_KEY «=ref:op://work/stripe/live-key»
JWT_SECRET «=ref:vault:secret/data/shop#jwt_secret»
DB_PASSWORD_FILE «=path:/run/secrets/db_password»
GOOGLE_APPLICATION_CREDENTIALS «=path:/etc/gcp/service-account.json»
PRIVATE_KEY_PATH «=path:./certs/server-key.pem»
TOKEN_FILE «=path:/var/run/secrets/tokens/api-token»
SSH_KEY_PATH «=path:~/.ssh/id_ed25519»
DB_SECRET_ARN «-arn»
SECRET_NAME «=id:shop/production/database»
KEY_VAULT_URI «=ref:https://acme-prod.vault.example.net/secrets/db-password»
AWS_ACCESS_KEY_ID «-aws-example-id»
AWS_SECRET_ACCESS_KEY «-aws-example-secret»
AWS_ACCOUNT_ID «-account-id»
AWS_KMS_KEY_ID «-uuid»
PASSWORD «-placeholder»
API_KEY «-placeholder»
API_TOKEN «-placeholder»
SECRET_KEY «-placeholder»
CLIENT_SECRET «-placeholder»
ACCESS_TOKEN «-placeholder»
DATABASE_URL postgres://user:«=docs:password»@localhost:5432/app
DATABASE_URL postgresql://postgres:«=docs:postgres»@127.0.0.1/app_development
REDIS_URL redis://:«=holder:<password>»@localhost:6379
MONGO_URI mongodb://«=docs:username:password»@host/db
AMQP_URL amqp://guest:«=docs:guest»@localhost:5672
GITHUB_TOKEN «-crossed-github»
GITHUB_TOKEN «-masked-github»
SLACK_BOT_TOKEN «-crossed-slack»
SLACK_WEBHOOK_URL «-slack-example»
STRIPE_SECRET_KEY «-crossed-stripe»
STRIPE_SECRET_KEY «-stripe-example»
ANTHROPIC_API_KEY «-crossed-anthropic»
OPENAI_API_KEY «-crossed-openai»
OPENAI_API_KEY «-crossed-openai»
ADMIN_PASSWORD «-masked»
LAST_TOKEN «-masked-tail»
DB_PASSWORD «-crossed»
STRIPE_PUBLISHABLE_KEY «-stripe-public»
STRIPE_PRICE_ID «-stripe-price»
NEXT_PUBLIC_MAPBOX_TOKEN «-mapbox-public»
RECAPTCHA_SITE_KEY «-recaptcha-site»
GOOGLE_CLIENT_ID «-google-client-id»
GITHUB_CLIENT_ID «-github-client-id»
GA_MEASUREMENT_ID «-analytics-id»
SLACK_CHANNEL_ID «-slack-channel»
TENANT_ID «-uuid»
AZURE_CLIENT_ID «-uuid»
SUBSCRIPTION_ID «-uuid»
KEYCLOAK_REALM_ID «-uuid»
INSTALLATION_ID «-uuid»
REQUEST_ID «-ulid»
GIT_COMMIT «-commit»
GIT_SHA «-commit»
SOURCE_VERSION «-commit»
IMAGE_DIGEST «-digest»
BASE_IMAGE registry.example.com/base/python@«-digest»
ASSET_HASH «-md5»
CACHE_KEY «-sha1»
SCHEMA_CHECKSUM «-sha256»
BUILD_ID «-build»
AMI_ID «-ami»
TRACE_ID «-trace»
CONTRACT_ADDRESS «-wallet»
ADMIN_PASSWORD_HASH «-bcrypt»
PASSWORD_HASH «-argon2»
DB_PASSWORD «-jasypt»
API_TOKEN «-dotenvx»
STRIPE_KEY «-sops»
SSH_FINGERPRINT «-fingerprint»
SIGNING_KEY_ID «-gpg-id»
SSH_PUBLIC_KEY ssh-ed25519 «-ssh-public» ada@laptop
PASSWORD_MIN_LENGTH «=set:12»
PASSWORD_RESET_TIMEOUT «=set:259200»
TOKEN_TTL «=set:3600»
TOKEN_URL «=set:https://login.example.com/oauth/token»
ACCESS_TOKEN_EXPIRE_MINUTES «=set:30»
AUTH_METHOD «=set:password»
API_KEY_HEADER «=const:X-Api-Key»
TOKEN_TYPE «=const:Bearer»
SECRET_BACKEND «=set:vault»
KEY_ALGORITHM «=set:RSA-OAEP-256»
PASSWORD_ENCODER «=set:bcrypt»
SESSION_COOKIE_NAME «=const:shop_session_id»
CSRF_COOKIE_NAME «=const:csrftoken»
PASSWORD_POLICY «=set:min-8-mixed-case»
REQUIRE_PASSWORD «=set:true»
ALLOW_EMPTY_PASSWORD «=set:yes»
PRIVATE_KEY_FORMAT «=set:pkcs8»
SECRETS_ENGINE_PATH «=path:secret/data/shop»
S3_KEY_PREFIX «=path:uploads/2026/images»
PARTITION_KEY «=const:customer_id»
PRIMARY_KEY_FIELD «=const:order_number»
LICENSE_URL «-license-url»
"""
NEITHER = """
PORT 8080
LOG_LEVEL info
NODE_ENV production
APP_NAME shop
HOST 0.0.0.0
TIMEZONE Europe/Lisbon
WORKERS 4
FEATURE_CHECKOUT true
DB_HOST db.internal.example.com
DB_USER app
DB_PORT 5432
CACHE_TTL 300
BASE_URL https://shop.example.com
REGION eu-central-1
DEFAULT_LOCALE pt_PT
MAX_UPLOAD_SIZE 10485760
SMTP_HOST smtp.example.com
SMTP_USER mailer@example.com
QUEUE_NAME orders
BUCKET acme-uploads
"""

Entry = tuple[str, str]


def table(text: str) -> tuple[Entry, ...]:
    return tuple((name, value) for name, _, value in (line.partition(" ") for line in text.strip().splitlines()))


class Deck:
    """Hands out entries in a shuffled order and begins anew when all were dealt, so that none is rare."""

    def __init__(self, text: str, random: Random) -> None:
        self.all = table(text)
        self.random = random
        self.left: list[Entry] = []

    def deal(self, count: int, taken: set[str]) -> list[Entry]:
        """As many entries, no name of `taken` and none twice."""
        dealt: list[Entry] = []
        spare: list[Entry] = []
        while len(dealt) < count:
            if not self.left:
                self.left = self.random.sample(self.all, len(self.all))
            entry = self.left.pop()
            if entry[0] in taken:
                spare.append(entry)
                continue
            taken.add(entry[0])
            dealt.append(entry)
        self.left += spare
        return dealt
